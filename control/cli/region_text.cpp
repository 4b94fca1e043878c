// Regions, their damage and their differences, as text and as JSON.
#include "cli/region_report.hpp"
#include "cli/table.hpp"
#include "cli/units.hpp"

#include <nlohmann/json.hpp>

namespace holdfast::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string dump(const Json& value) {
  return value.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

Json object(const std::vector<Field>& fields) {
  Json out = Json::object();
  for (const Field& field : fields) out[std::string(field.name)] = field.value;
  return out;
}

Json object(const RecordReport& record) {
  return {
      {"table", record.table}, {"index", record.index}, {"damaged", record.damaged}, {"fields", object(record.fields)}};
}

std::string line(std::string_view mark, std::string_view table, std::uint32_t index) {
  return std::string(mark) + std::string(table) + ' ' + std::to_string(index);
}

std::string line(const std::vector<Field>& fields) {
  std::string out;
  for (const Field& field : fields)
    if (!field.value.empty()) out += "  " + std::string(field.name) + '=' + field.value;
  return out;
}

std::string_view name(DiffReport::Kind kind) {
  switch (kind) {
    case DiffReport::Kind::removed: return "removed";
    case DiffReport::Kind::added: return "added";
    case DiffReport::Kind::changed: return "changed";
  }
  return "unknown";
}

std::string text(const DiffReport::Change& change) {
  switch (change.kind) {
    case DiffReport::Kind::removed: return line("- ", change.table, change.index) + line(change.before) + '\n';
    case DiffReport::Kind::added: return line("+ ", change.table, change.index) + line(change.after) + '\n';
    case DiffReport::Kind::changed: break;
  }
  std::string out = line("~ ", change.table, change.index);
  for (std::size_t i = 0; i < change.before.size(); ++i)
    out += "  " + std::string(change.before[i].name) + '=' + or_dash(change.before[i].value) + " -> " +
           or_dash(change.after[i].value);
  return out + (change.octets.empty() ? "" : "  differs " + change.octets) + '\n';
}

}  // namespace

std::string text(const RegionReport& r) {
  Facts facts;
  facts.add("Size", counted(r.region_octets, "octet"));
  facts.add("Records", "version " + r.version + ", layout " + r.layout +
                           (r.known_layout ? "" : ", which is not that of this program"));
  facts.add("Boot", r.boot);
  facts.add("Writer", "process " + std::to_string(r.writer_pid) + (r.live ? ", at work" : ", which has ended"));
  facts.add("Opened", counted(r.incarnation, "time"));
  facts.add("Commits", std::to_string(r.commits));
  std::string out = r.path + '\n' + facts.text() + '\n';
  Table table({{"Table"}, {"Used", Align::right}, {"Capacity", Align::right}, {"Octets each", Align::right}});
  for (const auto& t : r.tables)
    table.row({t.name, std::to_string(t.used), std::to_string(t.capacity), std::to_string(t.record_octets)});
  out += table.text();
  if (!r.records.empty()) out += '\n';
  for (const RecordReport& record : r.records)
    out += line("", record.table, record.index) + (record.damaged ? "  damaged" : line(record.fields)) + '\n';
  return out;
}

std::string json(const RegionReport& r) {
  Json tables = Json::array(), records = Json::array();
  for (const auto& t : r.tables)
    tables.push_back(
        {{"name", t.name}, {"used", t.used}, {"capacity", t.capacity}, {"record_octets", t.record_octets}});
  for (const RecordReport& record : r.records) records.push_back(object(record));
  return dump({{"path", r.path},
               {"region_octets", r.region_octets},
               {"version", r.version},
               {"layout", r.layout},
               {"known_layout", r.known_layout},
               {"boot", r.boot},
               {"live", r.live},
               {"writer_pid", r.writer_pid},
               {"incarnation", r.incarnation},
               {"commits", r.commits},
               {"tables", tables},
               {"records", records}});
}

std::string text(const std::vector<VerifyReport>& reports) {
  std::string out;
  for (const VerifyReport& r : reports) {
    out += r.path + ": ";
    if (!r.refusal.empty()) {
      out += "refused (" + r.refusal + "): " + r.meaning + '\n';
      continue;
    }
    out += counted(r.records, "record") + ", ";
    out += r.damaged.empty() ? "all sound\n" : std::to_string(r.damaged.size()) + " damaged:\n";
    for (const RecordReport& record : r.damaged) out += line("  ", record.table, record.index) + '\n';
  }
  return out;
}

std::string json(const std::vector<VerifyReport>& reports) {
  Json files = Json::array();
  for (const VerifyReport& r : reports) {
    Json damaged = Json::array();
    for (const RecordReport& record : r.damaged) damaged.push_back({{"table", record.table}, {"index", record.index}});
    files.push_back(
        {{"path", r.path}, {"sound", r.sound()}, {"refusal", r.refusal}, {"records", r.records}, {"damaged", damaged}});
  }
  return dump({{"files", files}});
}

std::string text(const DiffReport& r) {
  std::string out = "--- " + r.from + "\n+++ " + r.to + '\n';
  for (const std::string& table : r.tables) out += "table " + table + " can't be compared\n";
  for (const DiffReport::Change& change : r.changes) out += text(change);
  return out + (r.same() ? "no difference\n" : "");
}

std::string json(const DiffReport& r) {
  Json changes = Json::array();
  for (const DiffReport::Change& c : r.changes)
    changes.push_back({{"kind", name(c.kind)},
                       {"table", c.table},
                       {"index", c.index},
                       {"before", object(c.before)},
                       {"after", object(c.after)},
                       {"octets", c.octets}});
  return dump(
      {{"from", r.from}, {"to", r.to}, {"same", r.same()}, {"tables_not_compared", r.tables}, {"changes", changes}});
}

}  // namespace holdfast::cli
