// holdfast checkpoint show|verify|diff: looks into checkpoint regions by itself, with no daemon to ask.
#pragma once

namespace holdfast::cli {

// The exit status: 0 done, and what was looked at is sound or the same; 1 it is not, or can't be read; 2 wrong usage.
int run_checkpoint_command(int argc, const char* const* argv);

}  // namespace holdfast::cli
