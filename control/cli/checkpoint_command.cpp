#include "cli/checkpoint_command.hpp"

#include "abi/attach.hpp"
#include "cli/region_report.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast::cli {
namespace {

constexpr int kNotSound = 1, kUsage = 2;

struct Options {
  std::string instance{abi::kDefaultInstance};
  std::string shm_dir{abi::kDefaultShmDir};
  std::string run_dir;  // taken, as by every other command; sockets are not needed here
  std::vector<std::string> files;
  bool json = false;
  bool records = false;

  std::string region() const { return abi::region_path(shm_dir, instance, "checkpoint"); }
};

template <class Report>
void print(const Report& report, bool as_json) {
  const std::string out = as_json ? json(report) : text(report);
  std::fwrite(out.data(), 1, out.size(), stdout);
}

std::optional<RegionReader> open(const std::string& path) {
  auto region = RegionReader::open(path);
  if (region) return std::move(*region);
  const auto why = region.error();
  std::fprintf(stderr, "holdfast: %s: refused (%s): %s\n", path.c_str(), std::string(checkpoint::name(why)).c_str(),
               std::string(checkpoint::meaning(why)).c_str());
  return std::nullopt;
}

int show(const Options& options) {
  for (const std::string& path : options.files) {
    const auto region = open(path);
    if (!region) return kNotSound;
    print(show_region(*region, options.records), options.json);
  }
  return 0;
}

int verify(const Options& options) {
  std::vector<VerifyReport> reports;
  for (const std::string& path : options.files) reports.push_back(verify_region(path));
  print(reports, options.json);
  return std::ranges::all_of(reports, &VerifyReport::sound) ? 0 : kNotSound;
}

int diff(const Options& options) {
  const auto from = open(options.files.front());
  const auto to = open(options.files.size() == 2 ? options.files.back() : options.region());
  if (!from || !to) return kNotSound;
  const DiffReport report = diff_regions(*from, *to);
  print(report, options.json);
  return report.same() ? 0 : kNotSound;
}

CLI::App* declare(CLI::App& checkpoint, const char* verb, const char* help, Options& options) {
  CLI::App* const app = checkpoint.add_subcommand(verb, help);
  app->fallthrough();
  app->add_flag("--json", options.json, "Print JSON");
  return app;
}

}  // namespace

int run_checkpoint_command(int argc, const char* const* argv) {
  Options options;
  CLI::App app{"Holdfast command line: looks into checkpoint regions, in use or kept, without disturbing them.",
               "holdfast"};
  app.require_subcommand(1);
  CLI::App* const checkpoint = app.add_subcommand("checkpoint", "Look into checkpoint regions");
  checkpoint->fallthrough();
  checkpoint->require_subcommand(1);
  app.add_option("--instance", options.instance, "Whose region, where no FILE is given")->capture_default_str();
  app.add_option("--shm-dir", options.shm_dir, "Directory of the shared-memory regions")->capture_default_str();
  app.add_option("--run-dir", options.run_dir)->group("");
  auto* const show_app = declare(*checkpoint, "show", "What a region is, and how much is in it", options);
  show_app->add_flag("--records", options.records, "Also each record");
  show_app->add_option("FILE", options.files, "Region (default: that of the instance)");
  auto* const verify_app = declare(*checkpoint, "verify", "Check all of a region", options);
  verify_app->add_option("FILE", options.files, "Regions (default: that of the instance)");
  auto* const diff_app = declare(*checkpoint, "diff", "What is different in a second region", options);
  diff_app->add_option("FILE", options.files, "One region, or two (default for the second: that of the instance)")
      ->required()
      ->expected(1, 2);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsage;
  }
  if (options.files.empty()) options.files.push_back(options.region());
  if (show_app->parsed()) return show(options);
  return verify_app->parsed() ? verify(options) : diff(options);
}

}  // namespace holdfast::cli
