// Handlers of statements that are about one of many objects: interfaces, pools, users, domains and their tunnels,
// destination and host profiles.
#pragma once

#include "config/statement.hpp"

namespace holdfast::config {

// The name by which the statement knows its object, as it is printed: its first argument.
std::string first_argument(const Arguments& arguments);
std::string interface_name(const Arguments& arguments);
std::string remote_host_name(const Arguments& arguments);
std::string number_argument(const Arguments& arguments);

// Each adds a new object; those that open a block leave it in the scope.
Complaint add_interface(Scope& scope, const Arguments& arguments);
Complaint add_ipv4_pool(Scope& scope, const Arguments& arguments);
Complaint add_ipv6_pool(Scope& scope, const Arguments& arguments);
Complaint add_local_user(Scope& scope, const Arguments& arguments);
Complaint add_destination(Scope& scope, const Arguments& arguments);
Complaint add_host(Scope& scope, const Arguments& arguments);
Complaint add_domain(Scope& scope, const Arguments& arguments);
Complaint add_domain_tunnel(Scope& scope, const Arguments& arguments);

// Each removes the object of that name; nothing happens when there is none.
Complaint remove_interface(Scope& scope, const Arguments& arguments);
Complaint remove_ipv4_pool(Scope& scope, const Arguments& arguments);
Complaint remove_ipv6_pool(Scope& scope, const Arguments& arguments);
Complaint remove_local_user(Scope& scope, const Arguments& arguments);
Complaint remove_destination(Scope& scope, const Arguments& arguments);
Complaint remove_host(Scope& scope, const Arguments& arguments);
Complaint remove_domain(Scope& scope, const Arguments& arguments);
Complaint remove_domain_tunnel(Scope& scope, const Arguments& arguments);

// Each prints all objects with their blocks.
void print_interfaces(Printer& printer, const Statement& statement, const View& view);
void print_ipv4_pools(Printer& printer, const Statement& statement, const View& view);
void print_ipv6_pools(Printer& printer, const Statement& statement, const View& view);
void print_local_users(Printer& printer, const Statement& statement, const View& view);
void print_destinations(Printer& printer, const Statement& statement, const View& view);
void print_hosts(Printer& printer, const Statement& statement, const View& view);
void print_domains(Printer& printer, const Statement& statement, const View& view);
void print_domain_tunnels(Printer& printer, const Statement& statement, const View& view);

// The local address of a host profile is of the family of its destination.
Complaint set_local_ip(Scope& scope, const Arguments& arguments);
void print_local_ip(Printer& printer, const Statement& statement, const View& view);
void print_local_ipv6(Printer& printer, const Statement& statement, const View& view);

}  // namespace holdfast::config
