#include "io/test_calls.hpp"

#include "config/address_text.hpp"
#include "l2tp/result_code.hpp"

#include <algorithm>
#include <bit>
#include <string>

namespace holdfast::io {
namespace {

using engine::NoticeKind;

constexpr std::uint32_t kNullSpeed = 100'000'000;  // bit/s: an Ethernet that is not there

std::uint64_t milliseconds_since(TimePoint then, TimePoint now) {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now - then).count());
}

// A call ends with its tunnel, too: then the numbers are those of StopCCN.
std::string reason(const engine::Notice& notice, const TunnelRecord* tunnel, bool late) {
  if (late) return "it was not up within " + std::to_string(cli::kCallLimit.count()) + " seconds and was taken back";
  const bool whole = tunnel != nullptr && tunnel->l2tp.state == l2tp::TunnelState::stopping;
  const auto meaning =
      whole ? l2tp::stop_result_text(notice.ending.result) : l2tp::call_result_text(notice.ending.result);
  std::string out = notice.by_peer ? "the peer ended the " : "we ended the ";
  out += whole ? "tunnel: " : "call: ";
  out += meaning;
  if (const auto error = l2tp::error_text(notice.ending.error); !error.empty()) out.append(", ").append(error);
  return out;
}

}  // namespace

std::uint32_t TestCalls::add(TestCall call) {
  if (++last_ == 0) ++last_;
  waiting_.insert_or_assign(last_, std::move(call));
  return last_;
}

std::optional<TestCall> TestCalls::take(std::uint32_t circuit) {
  const auto found = waiting_.find(circuit);
  if (found == waiting_.end()) return std::nullopt;
  TestCall call = std::move(found->second);
  waiting_.erase(found);
  return call;
}

std::optional<TestCalls::Due> TestCalls::next_due() const {
  std::optional<Due> next;
  for (const auto& [circuit, call] : waiting_) {
    const TimePoint at = call.placed + cli::kCallLimit;
    if (!call.late && (!next || at < next->at)) next = Due{at, circuit};
  }
  return next;
}

void TestCalls::give_up(std::uint32_t circuit) {
  if (const auto found = waiting_.find(circuit); found != waiting_.end()) found->second.late = true;
}

l2tp::CallSpec null_call(std::uint32_t circuit, std::string_view called) {
  l2tp::CallSpec call;
  call.kind = l2tp::CallKind::incoming;
  call.circuit = circuit;
  call.tx_speed = kNullSpeed;
  (void)call.called.assign(called.substr(0, 63));
  return call;
}

l2tp::Circuit null_circuit() { return {.tx_speed = kNullSpeed}; }

cli::PlacedCall describe(const View& view, const TestCall& call, const engine::Notice& notice) {
  const TunnelRecord* tunnel = notice.tunnel ? view.records.tunnel(notice.tunnel) : nullptr;
  cli::PlacedCall d;
  d.domain = call.command.domain().value_or("");
  d.up = notice.kind == NoticeKind::session_up;
  d.peer_address = config::to_text(notice.peer);
  d.peer_host = notice.name.text();
  d.tried = static_cast<std::uint64_t>(std::popcount(call.tried));
  d.elapsed_ms = milliseconds_since(call.placed, view.now);
  if (notice.tunnel) d.local_tunnel_id = notice.tunnel.value();
  if (tunnel != nullptr && tunnel->l2tp.peer) d.peer_tunnel_id = tunnel->l2tp.peer.value();
  if (notice.session) d.local_session_id = notice.session.value();
  if (d.up) {
    const auto index = session_index(notice.tunnel, notice.session, view.engine.capacity().bank_bits);
    if (const SessionRecord* session = view.records.session(index)) d.peer_session_id = session->l2tp.peer.value();
    return d;
  }
  d.reason = reason(notice, tunnel, call.late);
  d.by_peer = notice.by_peer;
  d.result_code = notice.ending.result;
  d.error_code = notice.ending.error;
  d.message = notice.ending.text.text();
  return d;
}

cli::PlacedCall not_placed(std::string_view domain, std::string_view reason) {
  cli::PlacedCall d;
  d.domain = domain;
  d.reason = reason;
  return d;
}

}  // namespace holdfast::io
