#include "forwarding/kernel_routes.hpp"

#include "kmod-glue/route_sweep.hpp"

#include <cerrno>

namespace holdfast::forwarding {
namespace {

using glue::RouteChange;

std::vector<std::string> write(glue::Kernel& kernel, const std::vector<RouteChange>& changes) {
  std::vector<std::string> refusals;
  if (changes.empty()) return refusals;
  const auto outcome = kernel.apply(changes);
  if (!outcome) return {outcome.error()};
  // The link has gone, and its routes with it: what comes back with the next one is swept then.
  for (const auto& refused : outcome->refused)
    if (refused.error != ENODEV) refusals.push_back(glue::describe(changes[refused.index], refused.error));
  return refusals;
}

}  // namespace

void KernelRoutes::apply(const abi::TableOp& op) {
  if (link_ == 0) return;  // the sweep that follows the TUN's coming sees to it
  if (op.kind == abi::TableOpKind::put_route && op.route.kind == abi::NextHopKind::session)
    pending_[op.route.prefix] = {RouteChange::Kind::replace, {op.route.prefix, link_, op.route.mtu}};
  if (op.kind == abi::TableOpKind::remove_route)
    pending_[op.route.prefix] = {RouteChange::Kind::remove, {op.route.prefix, link_, 0}};
}

std::vector<std::string> KernelRoutes::flush() {
  std::vector<RouteChange> changes;
  for (const auto& [prefix, change] : pending_) changes.push_back(change);
  pending_.clear();
  return write(kernel_, changes);
}

std::vector<std::string> KernelRoutes::sweep(const std::vector<glue::SubscriberRoute>& wanted) {
  pending_.clear();
  const auto there = kernel_.routes(glue::kRouteProtocol);
  if (!there) return {there.error()};
  return write(kernel_, glue::sweep_routes(*there, wanted));
}

}  // namespace holdfast::forwarding
