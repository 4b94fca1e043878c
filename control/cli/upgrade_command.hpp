// holdfast upgrade: the running instance moves to another holdfastd, with its sessions.
//
//   ask the running one -> ask the new program whether it could go on -> restart -> wait for the new one -> compare
#pragma once

namespace holdfast::cli {

// The exit status: 0 the new program runs with the sessions; 1 it would not, and nothing was done, or it does not, and
// it is said what happened; 2 wrong usage; 3 no daemon to move.
int run_upgrade_command(int argc, const char* const* argv);

}  // namespace holdfast::cli
