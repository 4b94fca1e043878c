#include "io/command_server.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <vector>

namespace holdfast::io {
namespace {

using Answer = CommandServer::Answer;
using Ticket = CommandServer::Ticket;

// A client that the test moves by hand: the loop runs in the same thread.
class Client {
 public:
  explicit Client(const std::string& path) : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size());
    connected_ = ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  ~Client() { ::close(fd_); }
  bool connected() const { return connected_; }
  void send(const std::string& text) {
    EXPECT_EQ(::write(fd_, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  // Everything up to the server's closing; the loop runs meanwhile.
  std::string receive(ev::loop_ref loop) {
    std::string all;
    std::array<char, 4096> buffer;
    for (int turns = 0; turns < 100'000; ++turns) {
      loop.run(ev::NOWAIT);
      const ssize_t n = ::read(fd_, buffer.data(), buffer.size());
      if (n == 0) return all;
      if (n > 0) all.append(buffer.data(), static_cast<std::size_t>(n));
    }
    ADD_FAILURE() << "the server did not close the connection";
    return all;
  }

 private:
  int fd_;
  bool connected_ = false;
};

struct Server : ::testing::Test {
  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("holdfast-cli-" + std::to_string(::getpid()));
  std::string path = (folder / "cli.sock").string();
  ev::default_loop loop;
  void SetUp() override { std::filesystem::create_directories(folder); }
  void TearDown() override { std::filesystem::remove_all(folder); }
};

TEST_F(Server, AnswersALineAndCloses) {
  CommandServer server(path, [](std::string_view line, Ticket) {
    return Answer{true, "you said " + std::string(line)};
  });
  Client client(path);
  client.send("show version\n");
  EXPECT_EQ(client.receive(loop), "ok\nyou said show version");
}

TEST_F(Server, TellsARefusalFromAnAnswer) {
  CommandServer server(path, [](std::string_view, Ticket) { return Answer{false, "no such command"}; });
  Client client(path);
  client.send("dance\n");
  EXPECT_EQ(client.receive(loop), "error\nno such command");
}

TEST_F(Server, AnswersLaterWhoeverStillWaits) {
  std::vector<Ticket> waiting;
  CommandServer server(path, [&](std::string_view, Ticket ticket) -> std::optional<Answer> {
    waiting.push_back(ticket);
    return std::nullopt;
  });
  Client patient(path);
  {
    Client hasty(path);
    patient.send("call\n");
    hasty.send("call\n");
    for (int turns = 0; turns < 100 && waiting.size() < 2; ++turns) loop.run(ev::NOWAIT);
  }
  ASSERT_EQ(waiting.size(), 2u);
  loop.run(ev::NOWAIT);
  for (const auto ticket : waiting) server.answer(ticket, {false, "at last"});
  for (const auto ticket : waiting) server.answer(ticket, {true, "and again"});
  EXPECT_EQ(patient.receive(loop), "error\nat last");
  server.answer(waiting.front(), {true, "too late"});
}

TEST_F(Server, MayBeAnsweredFromWithinTheHandler) {
  CommandServer* self = nullptr;
  CommandServer server(path, [&](std::string_view, Ticket ticket) -> std::optional<Answer> {
    self->answer(ticket, {true, "at once"});
    return std::nullopt;
  });
  self = &server;
  Client client(path);
  client.send("call\n");
  EXPECT_EQ(client.receive(loop), "ok\nat once");
}

TEST_F(Server, HandsOverAnAnswerLargerThanTheSocketHolds) {
  const std::string large(8u << 20, 'x');
  CommandServer server(path, [&](std::string_view, Ticket) { return Answer{true, large}; });
  Client slow(path), quick(path);
  slow.send("a\n");
  quick.send("b\n");
  EXPECT_EQ(quick.receive(loop).size(), large.size() + 3);
  EXPECT_EQ(slow.receive(loop).size(), large.size() + 3);
}

TEST_F(Server, ClosesOnALineWithoutEnd) {
  CommandServer server(path, [](std::string_view, Ticket) { return Answer{true, "never"}; });
  Client client(path);
  client.send(std::string(5000, 'x'));
  EXPECT_EQ(client.receive(loop), "");
}

TEST_F(Server, TakesThePlaceOfASocketThatWasLeftBehind) {
  { std::filesystem::create_directories(folder); }
  CommandServer first(path, [](std::string_view, Ticket) { return Answer{true, "first"}; });
  CommandServer second(path, [](std::string_view, Ticket) { return Answer{true, "second"}; });
  Client client(path);
  ASSERT_TRUE(client.connected());
  client.send("who\n");
  EXPECT_EQ(client.receive(loop), "ok\nsecond");
}

}  // namespace
}  // namespace holdfast::io
