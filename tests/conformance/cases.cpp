#include "tests/conformance/cases.h"

#include "engine/autograd/backward.h"
#include "engine/io/safetensors.h"

#include <algorithm>
#include <fstream>

namespace hs::conformance {

using nlohmann::json;

namespace {

/// How far a number may be off: atol + rtol * |expected|.
struct Tolerance {
    double rtol, atol;
};

Tolerance tolerance_of(Dtype dtype) {
    switch (dtype) {
    case Dtype::float32:
        return {1e-5, 1e-6};
    case Dtype::float16:
        return {2e-3, 1e-3};
    case Dtype::bfloat16:
        return {1.6e-2, 8e-3};
    default:
        return {1e-9, 1e-12};
    }
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

json read_json(const std::filesystem::path& file, const std::string& kind) {
    std::ifstream stream(file);
    if (!stream) throw Error(file.string() + ": cannot be opened");
    json result;
    try {
        result = json::parse(stream);
    } catch (const json::parse_error& error) {
        throw Error(file.string() + ": " + error.what());
    }
    if (!result.is_object() || !result.contains(kind) || !result.contains("cases") || !result["cases"].is_array())
        throw Error(file.string() + ": is no file of cases");
    return result;
}

void run_file(const std::filesystem::path& file, const std::string& kind, const std::string& filter, Report& report,
              const RunCase& run_case) {
    const std::string stem = file.stem().string();
    const json content = read_json(file, kind);
    TensorFile tensors;
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
            run_case(content, item, tensors);
        });
    }
}

} // namespace

void check_tensor(const Tensor& actual, const Tensor& expected, const std::string& what) {
    const Tolerance tolerance = tolerance_of(expected.dtype());
    compare(actual, expected, tolerance.rtol, tolerance.atol, what);
}

void check_outputs(const json& item, const CaseValues& values, const Tensors& outputs) {
    std::vector<const json*> leaves;
    collect_leaves(item.at("out"), leaves);
    if (outputs.size() != leaves.size())
        throw Error("gave " + std::to_string(outputs.size()) + " results, expected " + std::to_string(leaves.size()));
    for (std::size_t i = 0; i < outputs.size(); ++i)
        check_tensor(outputs[i], values.tensor(leaves[i]->at("k").get<std::string>()), "result " + std::to_string(i));
}

void check_gradients(const json& item, const CaseValues& values, const Tensors& outputs,
                     const std::vector<std::pair<std::string, Tensor>>& parameters) {
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
    if (const auto of_parameters = item.find("param_grads"); of_parameters != item.end()) {
        for (const auto& [name, tensor] : parameters) {
            if (!of_parameters->contains(name)) continue;
            inputs.push_back(tensor);
            expected.push_back(&(*of_parameters)[name]);
            keys.push_back(name);
        }
    }
    if (inputs.empty()) return;
    const Tensors gradients = autograd::grad(roots, inputs, seeds, {.allow_unused = true});
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        const std::string what = "gradient of " + keys[i];
        if (!expected[i]->is_null())
            check_tensor(gradients[i], values.tensor(expected[i]->get<std::string>()), what);
        else if (gradients[i].defined())
            throw Error(what + " is defined, expected None");
    }
}

void run_folder(const Options& options, const std::string& kind, Report& report, const RunCase& run_case) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(options.folder))
        if (entry.path().extension() == ".json" && entry.path().stem() != "index") files.push_back(entry.path());
    std::ranges::sort(files);
    if (files.empty()) throw Error(options.folder.string() + ": holds no cases (*.json)");
    for (const std::filesystem::path& file : files) {
        try {
            run_file(file, kind, options.filter, report, run_case);
        } catch (const std::exception& error) {
            report.fail(file.filename().string(), error.what());
        }
    }
}

} // namespace hs::conformance
