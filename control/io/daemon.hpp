// holdfastd: the loop that turns packets, deadlines and commands into events, and has the executor do what they lead
// to.
#pragma once

#include "config/model.hpp"
#include "engine/engine.hpp"
#include "engine/executor.hpp"
#include "engine/restart.hpp"
#include "engine/tunnel_selection.hpp"
#include "forwarding/port.hpp"
#include "forwarding/route_feed.hpp"
#include "io/call_notices.hpp"
#include "io/checkpoint_file.hpp"
#include "io/command_server.hpp"
#include "io/disk_copy.hpp"
#include "io/log_reporter.hpp"
#include "io/options.hpp"
#include "io/restart_times.hpp"
#include "io/system.hpp"
#include "io/test_calls.hpp"
#include "io/timer_queue.hpp"
#include "io/view.hpp"
#include "kmod-glue/kernel.hpp"
#include "kmod-glue/mirror.hpp"
#include "kmod-glue/monitor.hpp"

#include <ev++.h>

#include <memory>
#include <optional>

namespace holdfast::io {

class Daemon {
  static constexpr std::uint64_t kAllHangUps = ~std::uint64_t{0};  // more than were ever told: all are to be looked at

 public:
  // Throws std::runtime_error with a sentence for the operator when the system lacks something.
  Daemon(const Options& options, const config::Config& config, CheckpointFile checkpoint, TimePoint started);

  // Until SIGTERM or SIGINT. Tunnels stay up: the next process goes on with them.
  void run();

 private:
  void restore();
  void keep_copy();
  void handle(const engine::Event& event);

  void attach();
  void detach();
  void skip_done();
  void resynchronize();
  void on_restart(ev::idle&, int);
  void rows_are_there();
  void finish_sweep();
  void on_dataplane_gone(ev::io&, int) { detach(); }
  void on_retry(ev::timer&, int) { attach(); }

  void on_punt(ev::io&, int);
  bool take_punted();
  bool take_hang_ups();
  bool has_room();
  void take_packet(const abi::PacketHeader& header, Octets payload);

  void on_room(ev::timer&, int) { punt_.feed_event(ev::READ); }
  void on_timer(ev::timer&, int);
  void on_netlink(ev::io&, int);
  void on_link(const glue::Link& link);
  void use_subscriber_interface(const glue::Link& link);
  void configure(const glue::Link& link, const config::Interface& interface);
  void on_prepare(ev::prepare&, int);
  void on_confirm(ev::timer&, int);
  void on_watchdog(ev::timer&, int);
  void on_signal(ev::sig& signal, int);
  void arm_timer();

  // daemon_calls.cpp
  std::optional<CommandServer::Answer> on_command(std::string_view line, CommandServer::Ticket ticket);
  std::optional<CommandServer::Answer> place_test_call(const cli::Command& command, CommandServer::Ticket ticket);
  bool place(TestCall call);
  void act_on_notices();
  void call_settled(TestCall call, const engine::Notice& notice);
  void on_call_limit(ev::timer&, int);
  void take_back(std::uint32_t circuit);
  void arm_call_limit();

  std::vector<glue::SubscriberRoute> wanted_routes() const;
  View view();

  Options options_;
  config::Config config_;
  RestartTimes times_;
  CheckpointFile checkpoint_;
  checkpoint::Store& store_ = checkpoint_.store;
  engine::StoredRecords records_;
  engine::Engine engine_;
  SystemEntropy entropy_;
  TimerQueue timers_;
  LogReporter log_;
  CallNotices notices_{log_};
  TestCalls test_calls_{entropy_.u32()};
  std::optional<forwarding::KernelRoutes> kernel_;
  std::optional<glue::Monitor> monitor_;
  forwarding::Port port_;
  forwarding::RouteFeed routes_;
  glue::Mirror mirror_{routes_};
  engine::Executor executor_;
  engine::Restart restart_;
  bool sweeping_ = false;                      // between begin_sweep and end_sweep
  bool rows_there_ = false;                    // in the dataplane: all that the records lead to
  bool asked_ = false;                         // a control message has come in since this process started
  std::uint64_t hang_ups_seen_ = kAllHangUps;  // as many as the dataplane had told when they were last looked at
  std::uint32_t next_hang_up_ = 0;             // the circuit to go on with; 0: none was left
  TimePoint no_room_since_ = kNever;
  std::string attach_error_;  // the last one logged, so that it is logged once

  std::optional<DiskCopy> disk_copy_;

  ev::default_loop loop_;
  ev::io gone_, punt_, netlink_;
  ev::timer retry_, timer_, confirm_, watchdog_, call_limit_, room_;
  ev::prepare prepare_;
  ev::idle continue_;  // with the restart, at every turn of the loop
  ev::sig terminate_, interrupt_;
  std::unique_ptr<CommandServer> commands_;
};

}  // namespace holdfast::io
