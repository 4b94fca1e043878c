// show dataplane, show checkpoint.
#include "io/show.hpp"

#include <spdlog/fmt/fmt.h>

namespace holdfast::io {
namespace {

std::uint64_t seconds_since(std::uint64_t then_ns, TimePoint now) {
  const auto since = now - TimePoint(Duration(static_cast<Duration::rep>(then_ns)));
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(since).count());
}

std::optional<double> milliseconds(TimePoint from, TimePoint to) {
  if (to == kNever) return std::nullopt;
  return std::chrono::duration<double, std::milli>(to - from).count();
}

// The text in a field of fixed size that need not be terminated.
template <std::size_t N>
std::string text_in(const std::array<char, N>& field) {
  return {field.data(), ::strnlen(field.data(), N)};
}

std::uint64_t value(const abi::Counter& counter) { return counter.load(std::memory_order_relaxed); }

cli::Port describe(const forwarding::Dataplane& dataplane, std::uint32_t index) {
  const abi::PortInfo& info = dataplane.port(index);
  cli::Port d;
  d.name = text_in(info.name);
  d.driver = text_in(info.driver);
  d.interface = text_in(info.interface);
  const auto& m = info.mac;
  d.mac = fmt::format("{:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", m[0], m[1], m[2], m[3], m[4], m[5]);
  d.mtu = info.mtu;
  d.link_up = info.link_up.load() != 0;
  d.speed_mbps = info.speed_mbps == 0xffffffff ? 0 : info.speed_mbps;
  d.rx_missed = info.rx_missed.load();
  d.rx_errors = info.rx_errors.load();
  d.tx_errors = info.tx_errors.load();
  for (std::uint32_t w = 0; w < dataplane.counters().workers; ++w) {
    const abi::PortCounters& c = dataplane.port_counters(w, index);
    d.rx_packets += value(c.rx_packets);
    d.rx_octets += value(c.rx_octets);
    d.tx_packets += value(c.tx_packets);
    d.tx_octets += value(c.tx_octets);
    d.punted += value(c.punted);
    d.to_kernel += value(c.to_kernel);
  }
  return d;
}

cli::Worker describe_worker(const forwarding::Dataplane& dataplane, std::uint32_t index) {
  cli::Worker d;
  d.worker = index;
  d.role = index + 1 == dataplane.counters().workers ? "tables" : "forwarding";
  for (std::uint32_t p = 0; p < dataplane.counters().ports; ++p) {
    d.rx_packets += value(dataplane.port_counters(index, p).rx_packets);
    d.tx_packets += value(dataplane.port_counters(index, p).tx_packets);
  }
  for (const auto& drop : dataplane.drop_counters(index).drops) d.dropped_packets += value(drop);
  return d;
}

}  // namespace

cli::Dataplane show_dataplane(const View& view) {
  cli::Dataplane d;
  const forwarding::Dataplane* dataplane = view.port.dataplane();
  d.connected = dataplane != nullptr;
  if (dataplane == nullptr) {
    d.reason = view.no_dataplane;
    return d;
  }
  d.pid = dataplane->pid();
  d.incarnation = dataplane->incarnation();
  d.uptime_s = seconds_since(dataplane->counters().started_ns, view.now);
  d.subscriber_interface = text_in(dataplane->counters().subscriber_interface);
  const abi::ControlAbsence& absence = dataplane->counters().control;
  d.control_absences = value(absence.absences);
  d.control_last_away_ms = value(absence.last_ms);
  d.control_alarms = value(absence.alarms);
  d.control_waits = view.port.waits();
  d.control_lost = view.port.lost();
  for (std::uint32_t i = 0; i < dataplane->counters().ports; ++i) d.ports.push_back(describe(*dataplane, i));
  for (std::uint32_t i = 0; i < dataplane->counters().workers; ++i) d.workers.push_back(describe_worker(*dataplane, i));
  for (std::size_t i = 0; i < abi::kDrops; ++i)
    d.drops.push_back({std::string(abi::kDropNames[i]), dataplane->drops(static_cast<abi::Drop>(i))});
  return d;
}

cli::Checkpoint show_checkpoint(const View& view) {
  const checkpoint::Store& store = view.checkpoint.store;
  cli::Checkpoint d;
  d.path = view.checkpoint.path;
  d.region_octets = store.octets();
  d.incarnation = store.incarnation();
  d.commits = store.sequence();
  d.restored = store.incarnation() > 1 || view.checkpoint.from_copy;
  d.from_copy = view.checkpoint.from_copy;
  d.refusal = view.checkpoint.refusal;
  d.restored_tunnels = view.times.tunnels;
  d.restored_sessions = view.times.sessions;
  d.damaged_records = view.checkpoint.damaged;
  d.restore_ms = milliseconds(view.times.started, view.times.restored);
  d.dataplane_ms = milliseconds(view.times.started, view.times.attached);
  d.first_answer_ms = milliseconds(view.times.started, view.times.answered);
  if (view.copy != nullptr) {
    const auto copy = view.copy->status();
    d.copy_path = view.options.copy;
    d.copy_octets = copy.octets;
    if (copy.current) d.copy_age_ms = milliseconds(*copy.current, view.now);
    d.copy_images = copy.images;
    d.copy_overruns = copy.overruns;
    d.copy_errors = copy.errors;
    d.copy_error = copy.error;
  }
  std::uint16_t index = 0;
  for (const auto& table : store.tables()) {
    std::uint64_t used = 0;
    store.for_each_used(index++, [&](std::uint32_t) { ++used; });
    d.tables.push_back({std::string(table.text()), used, table.capacity, table.record_octets});
  }
  return d;
}

}  // namespace holdfast::io
