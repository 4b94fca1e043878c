// Handlers of the statements of PPPoE that a path to one value cannot describe: in which VLANs an interface has
// subscribers, and which services they are offered.
#pragma once

#include "config/statement.hpp"

namespace holdfast::config {

// The ranges of a statement as they are printed: "100", "10-20 100-4000".
std::string vlan_ranges(const Arguments& arguments);

// Each fails on the loopback, where nobody calls.
Complaint serve_untagged(Scope& scope, const Arguments& arguments);
Complaint serve_vlans(Scope& scope, const Arguments& arguments);
Complaint serve_qinq(Scope& scope, const Arguments& arguments);
Complaint set_max_circuits(Scope& scope, const Arguments& arguments);

// Each takes back what its counterpart did; nothing happens when it did nothing. An interface without any of them has
// no Interface::pppoe.
Complaint stop_untagged(Scope& scope, const Arguments& arguments);
Complaint stop_vlans(Scope& scope, const Arguments& arguments);
Complaint stop_qinq(Scope& scope, const Arguments& arguments);
Complaint reset_max_circuits(Scope& scope, const Arguments& arguments);

void print_untagged(Printer& printer, const Statement& statement, const View& view);
void print_vlans(Printer& printer, const Statement& statement, const View& view);
void print_qinq(Printer& printer, const Statement& statement, const View& view);
void print_max_circuits(Printer& printer, const Statement& statement, const View& view);

Complaint add_service(Scope& scope, const Arguments& arguments);
Complaint remove_service(Scope& scope, const Arguments& arguments);
void print_services(Printer& printer, const Statement& statement, const View& view);

}  // namespace holdfast::config
