// Where control attaches (abi/attach.hpp): the socket, the greeting, the two doorbells. One control process at a time;
// a new one replaces the one before.
#pragma once

#include "dataplane/options.hpp"

#include <cstdint>
#include <string>

namespace holdfast::dataplane {

// The run directory of this instance, made if need be and locked: a second process of the same name does not start.
class InstanceLock {
 public:
  explicit InstanceLock(const Options& options);  // throws StartError
  InstanceLock(const InstanceLock&) = delete;
  ~InstanceLock();

 private:
  int fd_;
};

class ControlLink {
 public:
  // Throws StartError.
  ControlLink(const Options& options, std::uint64_t incarnation);
  ControlLink(const ControlLink&) = delete;
  ~ControlLink();

  // Descriptors to poll for reading. control(): -1 while none is attached.
  int listener() const { return listener_; }
  int control() const { return control_; }
  int work_bell() const { return work_bell_; }

  // The listener is readable: takes the new control process and greets it. False: it was gone already.
  bool accept();
  // control() is readable: true when it has hung up (it is closed then).
  bool hung_up();
  void ring_punt_bell();
  void hush_work_bell();

 private:
  bool greet(int peer);

  std::string path_;
  std::uint64_t incarnation_;
  int listener_ = -1, control_ = -1, punt_bell_ = -1, work_bell_ = -1;
};

}  // namespace holdfast::dataplane
