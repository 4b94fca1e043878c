// The Unix socket that the command line speaks to: a line in, an answer out, at once or later, closed. A slow reader
// holds up nobody: what it has not taken yet waits in memory, bounded by the number of connections.
#pragma once

#include <ev++.h>

#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::io {

class CommandServer {
 public:
  struct Answer {
    bool ok{};  // false: the command was refused or failed
    std::string text;
  };
  // Who is to be answered; never the same twice.
  using Ticket = std::uint64_t;
  // Gives what goes back; nothing: answer() follows, or was called already.
  using Handler = std::function<std::optional<Answer>(std::string_view line, Ticket ticket)>;

  // Throws std::runtime_error when the socket cannot be made. path: replaced if it is there.
  CommandServer(const std::string& path, Handler handler);
  ~CommandServer();
  CommandServer(const CommandServer&) = delete;
  CommandServer& operator=(const CommandServer&) = delete;

  // Does nothing when whoever asked has gone or was answered.
  void answer(Ticket ticket, const Answer& answer);

 private:
  struct Connection;

  void on_accept(ev::io&, int);

  std::string path_;
  Handler handler_;
  int fd_ = -1;
  ev::io accept_;
  Ticket last_ticket_ = 0;
  std::list<Connection> connections_;
};

}  // namespace holdfast::io
