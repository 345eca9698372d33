#include "engine/ops/op.h"
#include "engine/tensor/generator.h"
#include "tests/conformance/cases.h"

namespace hs::conformance {

namespace {

using nlohmann::json;

/// What the generator was seeded with before each call when the cases were made.
constexpr std::uint64_t case_seed = 42;

/// The catalogue's name of an operation: as the case writes it, or without a namespace.
std::string catalogue_name(const std::string& name) {
    constexpr std::string_view functional = "nn.functional.";
    if (!find_ops(name).empty()) return name;
    if (name.starts_with(functional) && !find_ops(name.substr(functional.size())).empty())
        return name.substr(functional.size());
    throw Error("the catalogue has no operation '" + name + "'");
}

/// Says which argument cannot be read.
Argument argument_at(CaseValues& values, const json& argument, const std::string& place) {
    try {
        return values.argument(argument);
    } catch (const std::exception& error) {
        throw Error(place + ": " + error.what());
    }
}

void run_case(const std::string& name, const json& item, const TensorFile& tensors) {
    CaseValues values(tensors);
    std::vector<Argument> positional;
    for (const json& argument : item.at("args"))
        positional.push_back(argument_at(values, argument, "argument " + std::to_string(positional.size())));
    std::map<std::string, Argument> keywords;
    for (const auto& [key, argument] : item.at("kwargs").items())
        keywords.emplace(key, argument_at(values, argument, "argument '" + key + "'"));
    manual_seed(case_seed);
    const Tensors outputs = call_by_name(catalogue_name(name), positional, keywords);
    check_outputs(item, values, outputs);
    check_gradients(item, values, outputs, {});
}

} // namespace

void run_ops(const Options& options, Report& report) {
    run_folder(options, "op", report, [](const json& content, const json& item, const TensorFile& tensors) {
        run_case(content.at("op").get<std::string>(), item, tensors);
    });
}

} // namespace hs::conformance
