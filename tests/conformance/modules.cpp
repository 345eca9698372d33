#include "engine/nn/module.h"
#include "engine/script/module_factory.h"
#include "engine/tensor/generator.h"
#include "tests/conformance/cases.h"

namespace hs::conformance {

using namespace script;

namespace {

using nlohmann::json;

ConstructorArguments constructor_of(const json& item, CaseValues& values) {
    ConstructorArguments arguments;
    for (const json& value : item.at("ctor").at("args"))
        arguments.positional.push_back(values.argument(value));
    for (const auto& [name, value] : item.at("ctor").at("kwargs").items())
        arguments.keywords.emplace(name, values.argument(value));
    return arguments;
}

nn::NamedTensors named(const json& keys, const CaseValues& values) {
    nn::NamedTensors tensors;
    for (const auto& [name, key] : keys.items())
        tensors.emplace_back(name, values.tensor(key.get<std::string>()));
    return tensors;
}

/// The names of what a forward takes beyond its first arguments, in the order of the module's inputs.
const std::vector<std::string>& keyword_order(const std::string& module) {
    static const std::map<std::string, std::vector<std::string>> orders = {
        {"MultiheadAttention", {"key_padding_mask", "attn_mask"}},
        {"TransformerEncoderLayer", {"src_mask", "src_key_padding_mask"}},
        {"TransformerDecoderLayer", {"tgt_mask", "memory_mask", "tgt_key_padding_mask", "memory_key_padding_mask"}},
        {"Transformer",
         {"src_mask", "tgt_mask", "memory_mask", "src_key_padding_mask", "tgt_key_padding_mask",
          "memory_key_padding_mask"}}};
    static const std::vector<std::string> otherwise = {"input"};
    const auto found = orders.find(module);
    return found == orders.end() ? otherwise : found->second;
}

/// Sizes and lengths that a module takes as a tensor of integers.
Tensor as_tensor(const Argument& argument) {
    std::vector<std::int64_t> numbers;
    if (const auto* items = std::get_if<Indices>(&argument.value())) {
        for (const Index& item : *items)
            if (const auto* number = std::get_if<std::int64_t>(&item)) numbers.push_back(*number);
        if (numbers.size() != items->size()) throw Error("an input is no tensor");
    } else {
        const auto* dims = std::get_if<Dims>(&argument.value());
        if (!dims) throw Error("an input is no tensor");
        numbers.assign(dims->begin(), dims->end());
    }
    return from_data(numbers.data(), {static_cast<std::int64_t>(numbers.size())}, {.dtype = Dtype::int64});
}

/// The tensors among the arguments, those of a tuple one by one, then those given by name.
Tensors inputs_of(const std::string& module, const json& item, CaseValues& values) {
    Tensors inputs;
    const auto add = [&](const json& value) {
        const Argument argument = values.argument(value);
        const ArgumentRef ref = argument.ref();
        if (ref.is_tensor() || ref.is_none())
            inputs.push_back(ref.is_none() ? Tensor() : ref.tensor());
        else if (ref.kind() == ArgumentRef::Kind::tensors)
            inputs.insert(inputs.end(), ref.tensors().begin(), ref.tensors().end());
        else
            inputs.push_back(as_tensor(argument));
    };
    for (const json& value : item.at("args"))
        add(value);
    const json& keywords = item.at("kwargs");
    if (keywords.empty()) return inputs;
    std::size_t known = 0;
    for (const std::string& name : keyword_order(module)) {
        known += keywords.count(name);
        add(keywords.value(name, json{{"t", "none"}}));
    }
    if (known < keywords.size()) throw Error("an argument of forward is not known");
    return inputs;
}

void run_case(const json& content, const json& item, const TensorFile& tensors) {
    CaseValues values(tensors);
    const std::string name = content.at("module").get<std::string>();
    const std::unique_ptr<nn::Module> module = make_module(name, constructor_of(item, values));
    const std::string printed = item.at("repr").get<std::string>();
    if (module->to_string() != printed)
        throw Error("prints as '" + module->to_string() + "', expected '" + printed + "'");
    module->to(Dtype::float64);
    module->load_state_dict(named(item.at("state"), values));
    module->train(item.at("training").get<bool>());
    const Tensors outputs = module->call(inputs_of(name, item, values));
    check_outputs(item, values, outputs);
    check_gradients(item, values, outputs, module->named_parameters());
    const nn::NamedTensors after = module->state_dict().tensors();
    for (const auto& [key, expected] : named(item.at("state_after"), values))
        for (const auto& [own, tensor] : after)
            if (own == key) check_tensor(tensor, expected, key + " afterwards");
}

} // namespace

void run_modules(const Options& options, Report& report) {
    run_folder(options, "module", report, run_case);
}

} // namespace hs::conformance
