#include "cli/table.hpp"
#include "cli/text.hpp"
#include "cli/units.hpp"
#include "config/printable.hpp"

namespace holdfast::cli {
namespace {

std::string milestone(const std::optional<double>& value) { return value ? milliseconds(*value) : "not yet"; }

}  // namespace

std::string text_of(const RunningConfig& config, const Command&) {
  return config.text.empty() ? "! all statements are at their defaults\n" : config.text;
}

std::string text_of(const Version& v, const Command&) {
  Facts facts;
  facts.add("Process", std::to_string(v.pid) + ", up " + uptime(v.uptime_s));
  facts.add("Instance", v.instance);
  facts.add("Configuration", v.config_file);
  return "Holdfast " + config::printable(v.version) + '\n' + facts.text();
}

std::string text_of(const Checkpoint& c, const Command&) {
  std::string out;
  if (c.restored) {
    const std::string from = c.from_copy ? "copy of the checkpoint on disk" : "checkpoint";
    out = "This process went on from the " + from + ": " + counted(c.restored_tunnels, "tunnel") + ", " +
          counted(c.restored_sessions, "session") + ".\n";
  } else {
    out = "This process began with an empty checkpoint";
    out += c.refusal.empty() ? ".\n" : "; the one that was there was refused: " + config::printable(c.refusal) + ".\n";
  }
  Facts facts;
  facts.add("State restored after", milestone(c.restore_ms));
  facts.add("Dataplane in step after", milestone(c.dataplane_ms));
  facts.add("First message answered after", milestone(c.first_answer_ms));
  facts.add("Region", c.path);
  facts.add("Size", counted(c.region_octets, "octet"));
  facts.add("Opened", counted(c.incarnation, "time"));
  facts.add("Commits", std::to_string(c.commits));
  facts.add("Damaged records", std::to_string(c.damaged_records));
  if (!c.copy_path.empty()) {
    facts.add("Copy on disk", c.copy_path);
    facts.add("Copy's age", milestone(c.copy_age_ms));
    facts.add("Copy's size", counted(c.copy_octets, "octet"));
    facts.add("Copy begun anew", counted(c.copy_images, "time"));
    facts.add("Disk too slow", counted(c.copy_overruns, "time"));
    facts.add("Disk errors", counted(c.copy_errors, "time"));
    if (!c.copy_error.empty()) facts.add("Last disk error", config::printable(c.copy_error));
  }
  out += facts.text();

  Table table({{"Table"}, {"Used", Align::right}, {"Capacity", Align::right}, {"Octets each", Align::right}});
  for (const auto& t : c.tables)
    table.row({t.name, std::to_string(t.used), std::to_string(t.capacity), std::to_string(t.record_octets)});
  return c.tables.empty() ? out : out + '\n' + table.text();
}

std::string text_of(const Cleared& cleared, const Command& command) {
  if (command.id == CommandId::clear_l2tp_session) {
    if (cleared.sessions == 0) return "No such session that could be cleared.\n";
    return counted(cleared.sessions, "session") + " cleared.\n";
  }
  if (cleared.tunnels == 0) return "No such tunnel that could be cleared.\n";
  return counted(cleared.tunnels, "tunnel") + " with " + counted(cleared.sessions, "session") + " cleared.\n";
}

}  // namespace holdfast::cli
