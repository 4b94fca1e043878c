// Makes a step happen: commit, program, send, arm, report. The one place where it does, and the order is the point:
// nothing leaves the process before it is in the checkpoint.
#pragma once

#include "checkpoint/store.hpp"
#include "engine/step.hpp"

#include <span>
#include <vector>

namespace holdfast::engine {

class Forwarder {
 public:
  virtual ~Forwarder() = default;
  virtual void apply(std::span<const abi::TableOp> ops, const checkpoint::Committed& done) = 0;
};

class Wire {
 public:
  virtual ~Wire() = default;
  virtual void send(const Send& send, const checkpoint::Committed& done) = 0;
};

class Timers {
 public:
  virtual ~Timers() = default;
  virtual void arm(const Timer& timer) = 0;  // replaces the deadline of its key
};

class Reporter {
 public:
  virtual ~Reporter() = default;
  virtual void report(const Notice& notice) = 0;
};

// Is told of every transaction, once it has happened.
class Follower {
 public:
  virtual ~Follower() = default;
  virtual void committed(Octets transaction, const checkpoint::Committed& done) = 0;  // Store::last_transaction()
};

class Executor {
 public:
  // All must outlive the executor.
  Executor(checkpoint::Store& store, Forwarder& forwarder, Wire& wire, Timers& timers, Reporter& reporter)
      : store_(store), forwarder_(forwarder), wire_(wire), timers_(timers), reporter_(reporter) {}

  // follower: must outlive the executor, or be taken away by nullptr.
  void set_follower(Follower* follower) { follower_ = follower; }

  // Throws std::runtime_error, with nothing done, when there is no memory for a new record.
  void apply(const Step& step);

 private:
  checkpoint::Store& store_;
  Forwarder& forwarder_;
  Wire& wire_;
  Timers& timers_;
  Reporter& reporter_;
  Follower* follower_ = nullptr;
  std::vector<checkpoint::Change> changes_;
};

// The checkpoint's store as the engine reads it.
class StoredRecords : public Records {
 public:
  explicit StoredRecords(const checkpoint::Store& store) : store_(store) {}
  explicit StoredRecords(checkpoint::Store& store) : store_(store), writable_(&store) {}
  Octets record(Table table, std::uint32_t index) const override {
    return store_.record(static_cast<std::uint16_t>(table), index);
  }
  void for_each(Table table, void* context, void (*call)(void* context, std::uint32_t index)) const override {
    store_.for_each_used(static_cast<std::uint16_t>(table), [&](std::uint32_t index) { call(context, index); });
  }
  bool reserve(Table table, std::uint32_t index) const override {
    return writable_ == nullptr || writable_->reserve(static_cast<std::uint16_t>(table), index);
  }

 private:
  const checkpoint::Store& store_;
  checkpoint::Store* writable_ = nullptr;
};

}  // namespace holdfast::engine
