#include "engine/autograd/backward.h"
#include "engine/io/safetensors.h"
#include "engine/ops/op.h"
#include "engine/tensor/generator.h"
#include "tests/conformance/case_value.h"
#include "tests/conformance/report.h"

#include <algorithm>
#include <fstream>

namespace hs::conformance {

namespace {

using nlohmann::json;

constexpr double rtol = 1e-9;
constexpr double atol = 1e-12;
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

/// The tensor leaves of an expected result, in order.
void collect_leaves(const json& value, std::vector<const json*>& leaves, int depth = 0) {
    if (depth > 16) throw Error("the result is nested too deeply");
    const std::string type = value.at("t").get<std::string>();
    if (type == "tensor") leaves.push_back(&value);
    if (type == "list" || type == "tuple")
        for (const json& item : value.at("v"))
            collect_leaves(item, leaves, depth + 1);
}

void check_gradients(const json& item, const CaseValues& values, const Tensors& outputs) {
    const json& cotangents = item.at("grad_out");
    Tensors roots, seeds, inputs;
    std::vector<const json*> expected;
    std::vector<std::string> keys;
    for (std::size_t i = 0; i < cotangents.size() && i < outputs.size(); ++i) {
        if (cotangents[i].is_null()) continue;
        if (!outputs[i].requires_grad()) throw Error("result " + std::to_string(i) + " does not require grad");
        roots.push_back(outputs[i]);
        seeds.push_back(values.tensor(cotangents[i].get<std::string>()));
    }
    if (roots.empty()) return;
    for (const auto& [key, gradient] : item.at("grads").items()) {
        const auto input = values.inputs().find(key);
        if (input == values.inputs().end()) throw Error("gradient of '" + key + "', which is no input");
        inputs.push_back(input->second);
        expected.push_back(&gradient);
        keys.push_back(key);
    }
    if (inputs.empty()) return;
    const Tensors gradients = autograd::grad(roots, inputs, seeds, {.allow_unused = true});
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        const std::string what = "gradient of " + keys[i];
        if (!expected[i]->is_null())
            compare(gradients[i], values.tensor(expected[i]->get<std::string>()), rtol, atol, what);
        else if (gradients[i].defined())
            throw Error(what + " is defined, expected None");
    }
}

void run_case(const std::string& name, const json& item, const std::map<std::string, Tensor>& tensors) {
    CaseValues values(tensors);
    std::vector<Argument> positional;
    for (const json& argument : item.at("args"))
        positional.push_back(values.argument(argument));
    std::map<std::string, Argument> keywords;
    for (const auto& [key, argument] : item.at("kwargs").items())
        keywords.emplace(key, values.argument(argument));
    manual_seed(case_seed);
    const Tensors outputs = call_by_name(catalogue_name(name), positional, keywords);
    std::vector<const json*> leaves;
    collect_leaves(item.at("out"), leaves);
    if (outputs.size() != leaves.size())
        throw Error("gave " + std::to_string(outputs.size()) + " results, expected " + std::to_string(leaves.size()));
    for (std::size_t i = 0; i < outputs.size(); ++i)
        compare(outputs[i], values.tensor(leaves[i]->at("k").get<std::string>()), rtol, atol,
                "result " + std::to_string(i));
    check_gradients(item, values, outputs);
}

json read_json(const std::filesystem::path& file) {
    std::ifstream stream(file);
    if (!stream) throw Error(file.string() + ": cannot be opened");
    json result = json::parse(stream, nullptr, false);
    if (!result.is_object() || !result.contains("op") || !result.contains("cases") || !result["cases"].is_array())
        throw Error(file.string() + ": is no file of cases");
    return result;
}

void run_file(const std::filesystem::path& file, const std::string& filter, Report& report) {
    const std::string stem = file.stem().string();
    const json content = read_json(file);
    const std::string op = content["op"].get<std::string>();
    std::map<std::string, Tensor> tensors;
    std::string unreadable;
    try {
        tensors = io::read_safetensors(std::filesystem::path(file).replace_extension(".safetensors"));
    } catch (const Error& error) {
        unreadable = error.what();
    }
    std::size_t position = 0;
    for (const json& item : content["cases"]) {
        const std::string name = stem + " #" + std::to_string(position++);
        if (name.find(filter) == std::string::npos) continue;
        report.run(name, [&] {
            if (!unreadable.empty()) throw Error(unreadable);
            run_case(op, item, tensors);
        });
    }
}

} // namespace

void run_ops(const Options& options, Report& report) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(options.folder))
        if (entry.path().extension() == ".json" && entry.path().stem() != "index") files.push_back(entry.path());
    std::ranges::sort(files);
    if (files.empty()) throw Error(options.folder.string() + ": holds no cases (*.json)");
    for (const std::filesystem::path& file : files) {
        try {
            run_file(file, options.filter, report);
        } catch (const std::exception& error) {
            report.fail(file.filename().string(), error.what());
        }
    }
}

} // namespace hs::conformance
