#include "engine/script/module_factory.h"

namespace hs::script {

namespace {

const Factories& factories() {
    static const Factories all = [] {
        Factories made;
        add_layers(made);
        add_windows(made);
        add_activations(made);
        add_losses(made);
        add_sequence_models(made);
        return made;
    }();
    return all;
}

} // namespace

bool has_module(const std::string& name) {
    return factories().contains(name);
}

std::vector<std::string> module_names() {
    std::vector<std::string> names;
    for (const auto& entry : factories())
        names.push_back(entry.first);
    return names;
}

std::unique_ptr<nn::Module> make_module(const std::string& name, const ConstructorArguments& arguments) {
    const auto found = factories().find(name);
    if (found == factories().end()) throw Error("there is no module '" + name + "'");
    ConstructorReader reader(arguments);
    std::unique_ptr<nn::Module> module = found->second(reader);
    reader.check_all_used();
    return module;
}

} // namespace hs::script
