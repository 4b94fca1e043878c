#include "io/daemon.hpp"

#include <spdlog/spdlog.h>
#include <systemd/sd-daemon.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <stdexcept>

namespace holdfast::io {
namespace {

constexpr ev::tstamp kRetryAttach = 0.01;      // seconds between tries to find the dataplane
constexpr ev::tstamp kConfirmNeighbours = 20;  // seconds; the kernel calls one stale after about 30
constexpr unsigned kPuntBatch = 256;           // packets before timers and other files get their turn
constexpr unsigned kTimerBatch = 256;
constexpr std::size_t kRowsBatch = 512;  // tunnels or sessions, half a millisecond
constexpr std::size_t kToldBatch = 512;
constexpr std::uint32_t kAttemptsBeforeSkip = 2;
constexpr Duration kCopyLimit = std::chrono::seconds(2);  // that the disk is given when this process ends

ev::tstamp seconds(Duration d) { return std::chrono::duration<ev::tstamp>(d).count(); }

forwarding::RouteFeed::Put putter(forwarding::Port& port) {
  return [&port](const abi::TableOp& op) { port.put(op); };
}

// Two processes that follow each other use different neighbour ids, so that no id ever means two neighbours.
constexpr std::uint32_t kNeighbourIds = 32768;
std::uint32_t first_neighbour_id(std::uint64_t incarnation) { return incarnation % 2 == 0 ? 1 : kNeighbourIds; }

}  // namespace

Daemon::Daemon(const Options& options, const config::Config& config, CheckpointFile checkpoint, TimePoint started)
    : options_(options),
      config_(config),
      times_{.started = started},
      checkpoint_(std::move(checkpoint)),
      records_(store_),
      engine_(config_, records_, {options_.max_tunnels, options_.bank_bits()}),
      port_(nullptr),
      routes_(putter(port_), first_neighbour_id(store_.incarnation()), kNeighbourIds - 1),
      executor_(store_, port_, port_, timers_, notices_),
      restart_(engine_, records_) {
  auto kernel = glue::Kernel::open();
  auto monitor = glue::Monitor::open();
  if (!kernel) throw std::runtime_error("netlink: " + kernel.error());
  if (!monitor) throw std::runtime_error("netlink: " + monitor.error());
  kernel_.emplace(std::move(*kernel));
  monitor_.emplace(std::move(*monitor));
  port_.set_kernel(&*kernel_);
  routes_.on_link([this](const glue::Link& link) { on_link(link); });

  gone_.set<Daemon, &Daemon::on_dataplane_gone>(this);
  punt_.set<Daemon, &Daemon::on_punt>(this);
  netlink_.set<Daemon, &Daemon::on_netlink>(this);
  retry_.set<Daemon, &Daemon::on_retry>(this);
  timer_.set<Daemon, &Daemon::on_timer>(this);
  confirm_.set<Daemon, &Daemon::on_confirm>(this);
  watchdog_.set<Daemon, &Daemon::on_watchdog>(this);
  call_limit_.set<Daemon, &Daemon::on_call_limit>(this);
  room_.set<Daemon, &Daemon::on_room>(this);
  prepare_.set<Daemon, &Daemon::on_prepare>(this);
  continue_.set<Daemon, &Daemon::on_restart>(this);
  ev_set_priority(static_cast<ev_idle*>(&continue_), 1);  // else other events would put it off for ever
  terminate_.set<Daemon, &Daemon::on_signal>(this);
  interrupt_.set<Daemon, &Daemon::on_signal>(this);
}

void Daemon::run() {
  restore();
  attach();
  keep_copy();
  if (const auto started = monitor_->start(mirror_); !started) throw std::runtime_error("netlink: " + started.error());
  netlink_.start(monitor_->fd(), ev::READ);
  prepare_.start();
  confirm_.start(kConfirmNeighbours, kConfirmNeighbours);
  terminate_.start(SIGTERM);
  interrupt_.start(SIGINT);
  commands_ = std::make_unique<CommandServer>(
      abi::run_path(options_.run_dir, options_.instance, "cli.sock"),
      [this](std::string_view line, CommandServer::Ticket ticket) { return on_command(line, ticket); });
  std::uint64_t watchdog_us = 0;
  if (::sd_watchdog_enabled(0, &watchdog_us) > 0) watchdog_.start(0, static_cast<double>(watchdog_us) / 3e6);
  ::sd_notify(0, "READY=1");
  loop_.run(0);
  ::sd_notify(0, "STOPPING=1");
  spdlog::info("stopped; {} tunnels and {} sessions stay up for the next process", engine_.indexes().tunnels(),
               engine_.indexes().sessions());
  if (disk_copy_ && !disk_copy_->stop(kCopyLimit)) {
    spdlog::error("checkpoint copy: the disk does not answer; stopping without it");
    std::_Exit(0);
  }
}

void Daemon::keep_copy() {
  if (options_.copy.empty()) return;
  disk_copy_.emplace(checkpoint_.path, options_.copy);
  executor_.set_follower(&*disk_copy_);
}

// Records are there already: the store mapped them and replayed what was committed. Everything else is derived.
void Daemon::restore() {
  engine_.rebuild(entropy_.u32(), checkpoint_.lost_sessions);
  engine_.deadlines(&timers_, [](void* timers, const engine::Timer& t) { static_cast<TimerQueue*>(timers)->arm(t); });
  times_.tunnels = engine_.indexes().tunnels();
  times_.sessions = engine_.indexes().sessions();
  times_.restored = now();
  if (times_.tunnels != 0)
    spdlog::info("restored {} tunnels and {} sessions in {:.1f} ms", times_.tunnels, times_.sessions,
                 seconds(times_.restored - times_.started) * 1e3);
}

void Daemon::handle(const engine::Event& event) {
  const auto sent_before = port_.control_messages();
  executor_.apply(engine_.step(event, Env{now(), entropy_}));
  if (asked_ && times_.answered == kNever && port_.control_messages() != sent_before) times_.answered = now();
  act_on_notices();
}

void Daemon::attach() {
  auto dataplane = forwarding::Dataplane::attach(options_.run_dir, options_.shm_dir, options_.instance);
  if (dataplane && dataplane->bank_bits() != options_.bank_bits())
    dataplane = fail(
        fmt::format("the dataplane was started for {} sessions, this process for {}: give both the same --max-sessions",
                    kBankSessions << dataplane->bank_bits(), kBankSessions << options_.bank_bits()));
  if (!dataplane) {
    if (attach_error_ != dataplane.error()) spdlog::warn("no dataplane yet: {}", dataplane.error());
    attach_error_ = dataplane.error();
    retry_.start(kRetryAttach, 0);
    return;
  }
  attach_error_.clear();
  port_.attach(std::move(*dataplane));
  skip_done();
  resynchronize();
}

void Daemon::detach() {
  attach_error_ = "it has gone; waiting for it to come back";
  spdlog::error("dataplane: {}", attach_error_);
  gone_.stop();
  punt_.stop();
  port_.detach();
  port_.clear_stuck();
  routes_.clear_ports();
  restart_.cancel();
  continue_.stop();
  room_.stop();
  no_room_since_ = kNever;
  sweeping_ = false;
  retry_.start(kRetryAttach, 0);
}

// The packet that was being worked on when the last process died, if that had got as far as the commit: PPP takes a
// frame that comes twice for a peer that starts anew. To be asked before anything else is committed.
void Daemon::skip_done() {
  abi::Ring& punt = port_.dataplane()->punt();
  if (punt.done_at_tail(store_.sequence())) punt.release();
}

// Whatever the tables hold, from here to end_sweep they are told all that they shall hold. Routes and tunnels are few
// and go first; then peers are answered, and the sessions follow between packets (on_restart).
void Daemon::resynchronize() {
  forwarding::Dataplane& dataplane = *port_.dataplane();
  for (std::uint32_t i = 0; i < dataplane.counters().ports; ++i) {
    const abi::PortInfo& port = dataplane.port(i);
    routes_.add_port(port.interface.data(), PortId(static_cast<std::uint16_t>(i)));
    engine_.line_modules().set(port.interface.data(), port.module);
  }
  abi::TableOp begin;
  begin.kind = abi::TableOpKind::begin_sweep;
  begin.generation = store_.incarnation();
  port_.put(begin);
  sweeping_ = true;
  rows_there_ = false;
  hang_ups_seen_ = kAllHangUps;
  next_hang_up_ = 0;
  routes_.resend();
  restart_.begin();
  restart_.put_rows(restart_.tunnels(), [this](const abi::TableOp& op) { port_.put(op); });
  spdlog::info("attached to dataplane {} with {} ports", dataplane.pid(), dataplane.counters().ports);
  gone_.start(dataplane.socket(), ev::READ);
  punt_.start(dataplane.punt_doorbell(), ev::READ);
  on_punt(punt_, ev::READ);  // what came while nobody was there
  dataplane.ring();
  continue_.start();
}

// The next piece of the restart. Packets are answered before the next one; deadlines wait until all is told, since
// those of before the restart are not to expire.
void Daemon::on_restart(ev::idle&, int) {
  if (rows_there_) {
    if (!has_room()) return;
    restart_.tell(kToldBatch, [this](const engine::Restored& event) { handle(event); });
  } else {
    restart_.put_rows(kRowsBatch, [this](const abi::TableOp& op) { port_.put(op); });
    if (restart_.rows_done()) rows_are_there();
  }
  if (!restart_.done()) return;
  continue_.stop();
  punt_.feed_event(ev::READ);  // for those who hung up meanwhile
}

void Daemon::rows_are_there() {
  rows_there_ = true;
  const auto& dataplane = *port_.dataplane();
  if (const auto* tun = routes_.find_link(dataplane.counters().subscriber_interface.data()))
    use_subscriber_interface(*tun);
  finish_sweep();
  times_.attached = now();
}

void Daemon::finish_sweep() {
  if (!sweeping_ || !rows_there_ || !routes_.synchronized()) return;
  abi::TableOp end;
  end.kind = abi::TableOpKind::end_sweep;
  end.generation = store_.incarnation();
  port_.put(end);
  sweeping_ = false;
}

// What ends goes before what begins, and nothing before there is room for what it leads to.
void Daemon::on_punt(ev::io&, int) {
  auto* dataplane = port_.dataplane();
  if (dataplane == nullptr) return;
  dataplane->clear_doorbell();
  const bool more_hang_ups = take_hang_ups();
  for (unsigned i = 0; i < kPuntBatch; ++i) {
    if (!has_room()) return;  // room_ goes on
    if (take_punted()) continue;
    if (more_hang_ups && port_.dataplane() != nullptr) punt_.feed_event(ev::READ);
    return;
  }
  punt_.feed_event(ev::READ);
}

// One packet, given back to the ring after what it led to is committed. False: none is left, and the doorbell will
// ring.
bool Daemon::take_punted() {
  abi::Ring& ring = port_.dataplane()->punt();
  while (ring.readable() == 0)
    if (ring.prepare_to_wait()) return false;
  if (ring.begin_attempt(store_.sequence()) >= kAttemptsBeforeSkip) {
    engine_.counters().add(engine::Count::poison);
    spdlog::error("a packet that ended this process twice was skipped");
  } else {
    const auto* slot = static_cast<const std::uint8_t*>(ring.front());
    abi::PacketHeader header;
    std::memcpy(&header, slot, sizeof header);
    if (header.length <= abi::kMaxPacket) take_packet(header, {slot + sizeof header, header.length});
  }
  if (port_.dataplane() != nullptr) ring.release();
  return port_.dataplane() != nullptr;
}

void Daemon::take_packet(const abi::PacketHeader& header, Octets payload) {
  switch (static_cast<abi::PuntKind>(header.kind)) {
    case abi::PuntKind::l2tp_control:
      asked_ = true;
      handle(engine::ControlDatagram{header.source, header.destination, header.source_port, header.destination_port,
                                     payload});
      break;
    case abi::PuntKind::ppp: handle(engine::PppFrame{header.tunnel, header.session, payload}); break;
    case abi::PuntKind::pppoe_discovery: {
      const auto& dataplane = *port_.dataplane();
      if (header.port.raw < dataplane.counters().ports)
        handle(engine::DiscoveryFrame{header.port, dataplane.port(header.port.raw).interface.data(), payload});
      break;
    }
  }
}

void Daemon::on_timer(ev::timer&, int) {
  if (!restart_.done()) return;
  const TimePoint at = now();
  for (unsigned i = 0; i < kTimerBatch && timers_.next() <= at && has_room(); ++i)
    handle(engine::TimerExpired{timers_.take()});
}

void Daemon::on_netlink(ev::io&, int) {
  if (const auto received = monitor_->receive(mirror_); !received) {
    spdlog::error("netlink: {}; asking the kernel again", received.error());
    if (const auto again = monitor_->start(mirror_); !again) spdlog::error("netlink: {}", again.error());
  }
  finish_sweep();
}

void Daemon::on_link(const glue::Link& link) {
  const auto* dataplane = port_.dataplane();
  if (dataplane != nullptr && link.name == dataplane->counters().subscriber_interface.data()) {
    use_subscriber_interface(link);
    return;
  }
  for (const auto& interface : config_.interfaces)
    if (interface.name == link.name || (interface.name == config::kLoopback && link.name == "lo"))
      configure(link, interface);
}

// The TUN is new with each dataplane, and subscriber routes went with the old one.
void Daemon::use_subscriber_interface(const glue::Link& link) {
  if (kernel_->link() == link.index && link.up) return;
  kernel_->set_link(link.index);
  if (const auto up = kernel_->kernel().set_up(link.index, true); !up) spdlog::error("{}", up.error());
  if (const auto mtu = kernel_->kernel().set_mtu(link.index, config_.ppp.mru); !mtu) spdlog::error("{}", mtu.error());
  for (const auto& refused : kernel_->sweep(wanted_routes())) spdlog::error("subscriber {}", refused);
}

void Daemon::configure(const glue::Link& link, const config::Interface& interface) {
  auto& kernel = kernel_->kernel();
  const auto complain = [&](const auto& result) {
    if (!result) spdlog::error("interface {}: {}", interface.name, result.error());
  };
  if (interface.mtu && link.mtu != *interface.mtu) complain(kernel.set_mtu(link.index, *interface.mtu));
  if (interface.ip) complain(kernel.add_address(link.index, *interface.ip));
  if (interface.ipv6) complain(kernel.add_address(link.index, *interface.ipv6));
  if (!link.up) complain(kernel.set_up(link.index, true));
}

std::vector<glue::SubscriberRoute> Daemon::wanted_routes() const {
  struct Wanted {
    std::vector<glue::SubscriberRoute> routes;
    std::uint32_t link;
  } wanted{{}, kernel_->link()};
  engine_.rows(&wanted, [](void* p, const abi::TableOp& op) {
    auto& w = *static_cast<Wanted*>(p);
    if (op.kind == abi::TableOpKind::put_route) w.routes.push_back({op.route.prefix, w.link, op.route.mtu});
  });
  return std::move(wanted.routes);
}

// Before the loop sleeps: doorbells for what was put, kernel routes in one batch, the next deadline.
void Daemon::on_prepare(ev::prepare&, int) {
  for (const auto& refused : kernel_->flush()) spdlog::error("subscriber {}", refused);
  if (auto* dataplane = port_.dataplane()) dataplane->ring();
  if (port_.stuck()) {
    spdlog::error("the dataplane takes neither table operations nor packets");
    detach();
  }
  arm_timer();
}

void Daemon::arm_timer() {
  timer_.stop();
  if (timers_.next() == kNever || room_.is_active()) return;
  ::ev_now_update(loop_.raw_loop);
  timer_.start(std::max(0.0, seconds(timers_.next() - now())), 0);
}

// The kernel does not see its neighbours used, since packets go past it: without being asked it would forget them, or
// keep the address of one that moved.
void Daemon::on_confirm(ev::timer&, int) {
  routes_.for_each_neighbour([this](std::uint32_t link, const IpAddress& address) {
    if (const auto asked = kernel_->kernel().resolve(link, address); !asked) spdlog::debug("{}", asked.error());
  });
}

void Daemon::on_watchdog(ev::timer&, int) { ::sd_notify(0, "WATCHDOG=1"); }

View Daemon::view() {
  return {
      options_, config_, engine_, records_,      checkpoint_, disk_copy_ ? &*disk_copy_ : nullptr,
      port_,    routes_, times_,  attach_error_, now(),       [this](const engine::Event& event) { handle(event); }};
}

void Daemon::on_signal(ev::sig&, int) { loop_.break_loop(ev::ALL); }

}  // namespace holdfast::io
