#include "cli/client.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <sys/socket.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

namespace holdfast::cli {
namespace {

using std::chrono::seconds;

// A daemon that takes one command and answers with a given text.
class OneAnswer {
 public:
  explicit OneAnswer(std::string answer) {
    std::array<char, 64> name{"/tmp/holdfast-client-XXXXXX"};
    folder_ = ::mkdtemp(name.data());
    path_ = folder_ + "/cli.sock";
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path_.data(), path_.size());
    fd_ = ::socket(AF_UNIX, SOCK_STREAM, 0);
    if (::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || ::listen(fd_, 1) != 0)
      ADD_FAILURE() << std::strerror(errno);
    thread_ = std::thread([this, answer] { serve(answer); });
  }
  ~OneAnswer() {
    thread_.join();
    ::close(fd_);
    std::filesystem::remove_all(folder_);
  }
  const std::string& path() const { return path_; }
  const std::string& asked() const { return asked_; }

 private:
  void serve(const std::string& answer) {
    const int peer = ::accept(fd_, nullptr, nullptr);
    for (char c = 0; c != '\n' && ::read(peer, &c, 1) == 1;) asked_ += c;
    for (const char c : answer)  // in as many pieces as can be
      if (::send(peer, &c, 1, MSG_NOSIGNAL) != 1) break;
    ::close(peer);
  }

  std::string folder_, path_, asked_;
  int fd_ = -1;
  std::thread thread_;
};

TEST(Client, SendsOneLineAndReadsTheAnswerToItsEnd) {
  OneAnswer daemon("ok\nNo tunnels.\nNot one.\n");
  const auto reply = ask(daemon.path(), "show l2tp tunnel", seconds(10));
  ASSERT_TRUE(reply) << reply.error();
  EXPECT_TRUE(reply->ok);
  EXPECT_EQ(reply->body, "No tunnels.\nNot one.\n");
  EXPECT_EQ(daemon.asked(), "show l2tp tunnel\n");
}

TEST(Client, TellsARefusalFromAnAnswer) {
  OneAnswer daemon("error\nno such command\n");
  const auto reply = ask(daemon.path(), "bogus", seconds(10));
  ASSERT_TRUE(reply) << reply.error();
  EXPECT_FALSE(reply->ok);
  EXPECT_EQ(reply->body, "no such command\n");
}

TEST(Client, SaysWhenTheDaemonGoesAwayWithoutAnAnswer) {
  for (const auto* half : {"", "o", "bogus\n"}) {
    OneAnswer daemon(half);
    const auto reply = ask(daemon.path(), "show l2tp", seconds(10));
    ASSERT_FALSE(reply) << half;
    EXPECT_EQ(reply.error(),
              "the daemon at " + daemon.path() + " went away without an answer. It may be restarting: try again.");
  }
}

TEST(Client, SaysWhatToDoWhenThereIsNoDaemon) {
  const auto path = socket_path("/nonexistent", "default");
  EXPECT_EQ(path, "/nonexistent/default/cli.sock");
  const auto reply = ask(path, "show l2tp", seconds(10));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error(),
            "no daemon at /nonexistent/default/cli.sock: No such file or directory. Is holdfastd running, with this "
            "--instance and --run-dir? (systemctl status holdfastd)");
}

TEST(Client, RefusesAPathThatIsTooLongForASocket) {
  const auto reply = ask("/" + std::string(200, 'x'), "show l2tp", seconds(10));
  ASSERT_FALSE(reply);
  EXPECT_NE(reply.error().find("File name too long"), std::string::npos) << reply.error();
}

}  // namespace
}  // namespace holdfast::cli
