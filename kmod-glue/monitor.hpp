// Watches links, addresses, neighbours and routes of both families over rtnetlink: subscribes first and dumps then, so
// that nothing is missed; where the kernel had to drop notifications (ENOBUFS), dumps again.
//
// What the kernel does not tell: when a link goes down it removes the IPv4 routes over it without a word, and so it
// does with the routes that prefer the address that is removed. Mirror knows those rules; put one between, unless the
// observer has them itself.
#pragma once

#include "kmod-glue/observer.hpp"
#include "kmod-glue/result.hpp"
#include "kmod-glue/socket.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

struct nlmsghdr;

namespace holdfast::glue {

class Monitor {
 public:
  // receive_buffer: octets of notifications that may wait; granted in full with CAP_NET_ADMIN, else up to rmem_max.
  // Needs Linux 4.20 (filtered dumps).
  [[nodiscard]] static Result<Monitor> open(std::uint32_t receive_buffer = 16u << 20);

  // Readable while there is something to receive. Poll it level-triggered: receive() may leave some for the next time.
  int fd() const { return socket_.fd(); }
  // Calls resynchronizing() and asks for a dump, which arrives through receive(). Also to be called later, whenever the
  // observer has reason to doubt; during a dump it makes another follow.
  [[nodiscard]] Result<void> start(Observer& observer);
  // Takes what is readable, up to about half a megabyte so that an event loop is not held up (a few milliseconds), and
  // never waits. On failure the kernel refused a dump: call start() again after a pause.
  [[nodiscard]] Result<void> receive(Observer& observer);
  // True from resynchronized() until the next doubt.
  bool synchronized() const { return !dumping_ && !again_; }

  std::uint64_t overruns() const {
    return overruns_;
  }  // times that the kernel dropped notifications: then it is dumped again
  std::uint64_t malformed() const { return malformed_; }  // messages that were not understood and left out

 private:
  explicit Monitor(Socket socket);
  Result<void> begin(Observer& observer);
  Result<void> ask();
  Result<void> take(const nlmsghdr& message, Observer& observer);
  Result<void> advance(Observer& observer);

  Socket socket_;
  std::vector<std::uint8_t> buffer_;
  Route route_;               // decoded into again and again, so that no message allocates
  std::size_t part_{};        // of the dump: links, addresses, ... (kDump in monitor.cpp)
  std::uint32_t sequence_{};  // of the dump request under way
  bool dumping_{};
  bool again_ = true;  // what has been told is not to be trusted until a dump has followed
  // After an overrun the kernel drops every notification until the queue was empty once, and tells of the first only: a
  // dump that began before would have holes that nobody is told of.
  bool congested_{};
  std::uint64_t overruns_{};
  std::uint64_t malformed_{};
};

}  // namespace holdfast::glue
