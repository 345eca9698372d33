#include "engine/record/module_table.h"

#include <map>
#include <utility>

namespace hs::record {

namespace {

trace::Member describe(const std::string& name, const Tensor& tensor, bool is_buffer) {
    trace::Member member;
    member.name = name;
    member.shape = tensor.shape();
    member.dtype = tensor.dtype();
    member.is_buffer = is_buffer;
    member.requires_grad = tensor.requires_grad();
    member.count = tensor.numel();
    return member;
}

trace::Module describe(const std::string& path, const nn::Module& module) {
    trace::Module entry;
    entry.path = path;
    const auto dot = path.rfind('.');
    entry.name = path.empty() ? module.type_name() : path.substr(dot == std::string::npos ? 0 : dot + 1);
    entry.type = module.type_name();
    entry.extra = module.extra_repr();
    entry.training = module.is_training();
    entry.parameter_count = module.parameter_count();
    entry.hook_count = static_cast<int>(module.hooks().count());
    for (const auto& [name, tensor] : module.named_parameters({.recurse = false}))
        entry.members.push_back(describe(name, tensor, false));
    for (const auto& [name, tensor] : module.named_buffers({.recurse = false}))
        entry.members.push_back(describe(name, tensor, true));
    return entry;
}

} // namespace

std::shared_ptr<const trace::ModuleTable> describe_modules(nn::Module& model) {
    auto table = std::make_shared<trace::ModuleTable>();
    std::map<std::string, trace::Id> known;
    for (const auto& [path, module] : model.named_modules()) {
        trace::Module entry = describe(path, *module);
        if (!path.empty()) {
            const auto dot = path.rfind('.');
            const auto parent = known.find(dot == std::string::npos ? "" : path.substr(0, dot));
            // A module under two names is listed under the first; its parent may then go by another name.
            entry.parent = parent == known.end() ? 0 : parent->second;
        }
        known.emplace(path, static_cast<trace::Id>(table->size()));
        table->push_back(std::move(entry));
    }
    return table;
}

} // namespace hs::record
