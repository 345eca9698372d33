#include "tests/conformance/module_factory.h"

namespace hs::conformance {

std::unique_ptr<nn::Module> make_module(const std::string& name, const ConstructorArguments& arguments) {
    static const Factories all = [] {
        Factories factories;
        add_layers(factories);
        add_windows(factories);
        add_activations(factories);
        add_losses(factories);
        add_sequence_models(factories);
        return factories;
    }();
    const auto found = all.find(name);
    if (found == all.end()) throw Error("there is no module '" + name + "'");
    ConstructorReader reader(arguments);
    std::unique_ptr<nn::Module> module = found->second(reader);
    reader.check_all_used();
    return module;
}

} // namespace hs::conformance
