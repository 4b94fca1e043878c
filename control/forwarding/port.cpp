#include "forwarding/port.hpp"

namespace holdfast::forwarding {

void Port::put(const abi::TableOp& op) {
  if (dataplane_ && !stuck_ && !dataplane_->put(op)) stuck_ = true;
}

void Port::apply(std::span<const abi::TableOp> ops, const checkpoint::Committed&) {
  for (const abi::TableOp& op : ops) {
    put(op);
    if (kernel_ != nullptr) kernel_->apply(op);
  }
}

void Port::send(const engine::Send& send, const checkpoint::Committed&) {
  if (!dataplane_ || !dataplane_->inject(send)) {
    ++lost_;
    return;
  }
  if (send.header.kind == static_cast<std::uint16_t>(abi::InjectKind::l2tp_control)) ++control_messages_;
}

}  // namespace holdfast::forwarding
