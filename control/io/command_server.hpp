// The Unix socket that the command line speaks to: a line in, an answer out, closed. A slow reader holds up nobody:
// what it has not taken yet waits in memory, bounded by the number of connections.
#pragma once

#include <ev++.h>

#include <functional>
#include <list>
#include <string>
#include <string_view>

namespace holdfast::io {

class CommandServer {
 public:
  // Gives the text that goes back, and sets ok to false when the command was refused.
  using Handler = std::function<std::string(std::string_view line, bool& ok)>;

  // Throws std::runtime_error when the socket cannot be made. path: replaced if it is there.
  CommandServer(const std::string& path, Handler handler);
  ~CommandServer();
  CommandServer(const CommandServer&) = delete;
  CommandServer& operator=(const CommandServer&) = delete;

 private:
  struct Connection;

  void on_accept(ev::io&, int);

  std::string path_;
  Handler handler_;
  int fd_ = -1;
  ev::io accept_;
  std::list<Connection> connections_;
};

}  // namespace holdfast::io
