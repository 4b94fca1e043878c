// The other end of the daemon's socket. The protocol: connect to the Unix stream socket, send one line; the answer is a
// first line "ok" or "error", then the body until the end.
#pragma once

#include "wire/result.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace holdfast::cli {

struct Reply {
  bool ok = false;  // false: the daemon refused the command, and the body says why
  std::string body;
};

// "<run_dir>/<instance>/cli.sock".
std::string socket_path(std::string_view run_dir, std::string_view instance);

// Sends the line (without line end) and waits for the whole answer. The error is a sentence or two for the operator:
// what happened at which socket, and what to do. patience: how long the daemon may be silent.
Result<Reply, std::string> ask(const std::string& path, std::string_view line, std::chrono::seconds patience);

}  // namespace holdfast::cli
