#include "dataplane/options.hpp"

#include "abi/attach.hpp"

#include <CLI/CLI.hpp>

#include <cstdlib>

namespace holdfast::dataplane {
namespace {

constexpr std::size_t kInterfaceName = 15;  // what the kernel takes

std::string check_interface(const std::string& name) {
  const bool fits = !name.empty() && name.size() <= kInterfaceName && name.find_first_of("/ %") == std::string::npos;
  return fits ? "" : "'" + name + "' can't be an interface's name: 1 to 15 characters without '/', '%' and blanks";
}

std::string check_port(const std::string& text) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals + 1 == text.size())
    return "'" + text + "' is not NAME=DEVARGS, for example ge0=net_af_packet0,iface=eth1 or ge0=0000:03:00.0";
  return check_interface(text.substr(0, equals));
}

std::string check_instance(const std::string& name) {
  const bool fits = !name.empty() && name.size() <= 32 && name.find_first_of("/ .") == std::string::npos;
  return fits ? "" : "'" + name + "' can't be an instance's name: 1 to 32 characters without '/', '.' and blanks";
}

}  // namespace

unsigned Options::bank_bits() const { return bank_bits_for(max_sessions); }

Options read_options(int argc, char** argv) {
  Options options{.instance = std::string(abi::kDefaultInstance),
                  .run_dir = std::string(abi::kDefaultRunDir),
                  .shm_dir = std::string(abi::kDefaultShmDir),
                  .ports = {},
                  .worker_cores = {}};
  std::vector<std::string> ports;
  CLI::App app{"The packet forwarding process of Holdfast"};
  app.set_version_flag("--version", "holdfast-dataplane " HOLDFAST_VERSION);
  app.set_config("--config", "", "Read options from FILE, one NAME=VALUE a line");
  app.add_option("--instance", options.instance, "Name of the instance")->check(check_instance)->capture_default_str();
  app.add_option("--run-dir", options.run_dir, "Folder of sockets and locks")->capture_default_str();
  app.add_option("--shm-dir", options.shm_dir, "Folder of the shared memory regions")->capture_default_str();
  app.add_option("--port", ports, "A port: its name and DPDK's name of it; may be given many times")
      ->type_name("NAME=DEVARGS")
      ->check(check_port)
      ->take_all();
  app.add_option("--max-sessions", options.max_sessions, "Room for so many sessions")
      ->check(CLI::Range(1u, kMostSessions))
      ->capture_default_str();
  app.add_option("--memory", options.memory_mib, "Memory for packets")
      ->type_name("MIB")
      ->check(CLI::Range(64u, 65536u))
      ->capture_default_str();
  app.add_flag("--no-huge", options.no_huge, "Do without hugepages (slower; not for hardware ports)");
  app.add_option("--worker-cores", options.worker_cores, "Cores to forward on; default: wherever the kernel likes")
      ->delimiter(',')
      ->expected(1);
  app.add_option("--idle-sleep-max", options.idle_sleep_max_us, "Longest sleep of an idle worker; 0: never sleep")
      ->type_name("MICROSECONDS")
      ->check(CLI::Range(0u, 10000u))
      ->capture_default_str();
  app.add_option("--subscriber-interface", options.subscriber_interface, "The kernel's interface to the subscribers")
      ->check(check_interface)
      ->capture_default_str();
  app.add_option("--control-alarm", options.control_alarm_s,
                 "Raise an alarm when the control process is away for so long; 0: never")
      ->type_name("SECONDS")
      ->check(CLI::Range(0u, 86400u))
      ->capture_default_str();
  app.add_option("--log-level", options.log_level, "What to log")
      ->check(CLI::IsMember({"trace", "debug", "info", "warning", "error", "critical", "off"}))
      ->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int status = app.exit(error);
    std::exit(status == 0 ? 0 : 2);
  }
  for (const auto& port : ports) {
    const auto equals = port.find('=');
    options.ports.push_back({port.substr(0, equals), port.substr(equals + 1)});
  }
  return options;
}

}  // namespace holdfast::dataplane
