#include "nodes/common_path.hpp"

namespace holdfast::nodes {

std::uint32_t run_common_path(Context& context, PortId port, std::span<rte_mbuf* const> frames) {
  CommonBurst burst;
  common_classify(context, port, frames, burst);
  if (burst.l2tp_decap.count() != 0) common_l2tp_decap(context, burst);
  if (burst.pppoe_decap.count() != 0) common_pppoe_decap(context, port, burst);
  if (burst.pppoe_encap.count() != 0) common_pppoe_encap(context, burst);
  if (burst.forward.count() != 0) common_forward(context, burst);
  if (burst.to_session.count() != 0) common_to_session(context, burst);
  if (burst.l2tp_encap.count() != 0) common_l2tp_encap(context, burst);
  return burst.left;
}

}  // namespace holdfast::nodes
