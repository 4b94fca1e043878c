// The port to the forwarders: what the executor programs and sends goes to the dataplane when there is one, and
// subscriber routes to the kernel besides. Without a dataplane operations and packets are dropped: rows are put again
// when it comes (resync), and packets are sent again by their protocols.
#pragma once

#include "engine/executor.hpp"
#include "forwarding/dataplane.hpp"
#include "forwarding/kernel_routes.hpp"

#include <optional>
#include <vector>

namespace holdfast::forwarding {

class Port final : public engine::Forwarder, public engine::Wire {
 public:
  explicit Port(KernelRoutes* kernel) : kernel_(kernel) {}

  void set_kernel(KernelRoutes* kernel) { kernel_ = kernel; }
  void attach(Dataplane dataplane) { dataplane_.emplace(std::move(dataplane)); }
  void detach() { dataplane_.reset(); }
  Dataplane* dataplane() { return dataplane_ ? &*dataplane_ : nullptr; }
  const Dataplane* dataplane() const { return dataplane_ ? &*dataplane_ : nullptr; }
  // True when the dataplane stopped taking operations: the caller detaches.
  bool stuck() const { return stuck_; }
  void clear_stuck() { stuck_ = false; }
  // It takes no packets either.
  void give_up() { stuck_ = true; }

  // Whether everything that one more event may send can be handed over: a packet that finds the ring full is lost, and
  // a control message then costs a second. True without a dataplane, where there is nobody to wait for.
  bool has_room() const { return !dataplane_ || dataplane_->room() >= engine::Step::kSends; }

  // Rows that are no consequence of a step: routes and neighbours of the kernel, and everything after an attachment.
  void put(const abi::TableOp& op);

  void apply(std::span<const abi::TableOp> ops, const checkpoint::Committed& done) override;
  void send(const engine::Send& send, const checkpoint::Committed& done) override;

  void count_wait() { ++waits_; }

  std::uint64_t lost() const { return lost_; }    // packets that could not be handed over
  std::uint64_t waits() const { return waits_; }  // times that events waited for room
  std::uint64_t control_messages() const { return control_messages_; }

 private:
  std::optional<Dataplane> dataplane_;
  KernelRoutes* kernel_;
  bool stuck_ = false;
  std::uint64_t lost_ = 0;
  std::uint64_t waits_ = 0;
  std::uint64_t control_messages_ = 0;
};

}  // namespace holdfast::forwarding
