#include "ui/models/tensor_choice.h"

#include <QCoreApplication>

#include <algorithm>

namespace hs::ui {

namespace {

struct Text {
    Q_DECLARE_TR_FUNCTIONS(TensorChoice)
};

} // namespace

using trace::Role;
using trace::ValueKey;

std::vector<ValueKey> tensorsOf(const trace::Module& module) {
    std::vector<ValueKey> keys;
    for (const trace::Member& member : module.members) {
        keys.push_back({member.is_buffer ? Role::buffer : Role::parameter, module.path, member.name});
        if (member.is_buffer) continue;
        keys.push_back({Role::gradient, module.path, member.name});
        keys.push_back({Role::update, module.path, member.name});
    }
    keys.push_back({Role::input, module.path, {}});
    keys.push_back({Role::output, module.path, {}});
    keys.push_back({Role::output_gradient, module.path, {}});
    if (module.path.empty()) keys.push_back({Role::target, module.path, {}});
    return keys;
}

ValueKey defaultTensor(const trace::Module& module) {
    for (const trace::Member& member : module.members)
        if (!member.is_buffer) return {Role::parameter, module.path, member.name};
    return {Role::output, module.path, {}};
}

std::optional<ValueKey> gradientOf(const ValueKey& key) {
    if (key.role == Role::parameter) return ValueKey{Role::gradient, key.module, key.member};
    if (key.role == Role::output) return ValueKey{Role::output_gradient, key.module, {}};
    return std::nullopt;
}

std::optional<ValueKey> tensorOfGradient(const ValueKey& key) {
    if (key.role == Role::gradient) return ValueKey{Role::parameter, key.module, key.member};
    if (key.role == Role::output_gradient) return ValueKey{Role::output, key.module, {}};
    return std::nullopt;
}

QString shortName(const ValueKey& key, const trace::Module& module) {
    const QString name = QString::fromStdString(module.name);
    const QString member = name + QLatin1Char('.') + QString::fromStdString(key.member);
    switch (key.role) {
    case Role::parameter:
    case Role::buffer:
        return member;
    case Role::gradient:
        return member + QStringLiteral(".grad");
    case Role::update:
        return Text::tr("%1 update").arg(member);
    case Role::input:
        return Text::tr("%1 input").arg(name);
    case Role::output:
        return Text::tr("%1 output").arg(name);
    case Role::output_gradient:
        return Text::tr("%1 output gradient").arg(name);
    case Role::target:
        return Text::tr("%1 targets").arg(name);
    case Role::picture:
        return Text::tr("%1 picture").arg(name);
    case Role::intermediate:
        return Text::tr("%1 in %2").arg(QString::fromStdString(key.member), name);
    }
    return name;
}

bool isDiverging(Role role) {
    return role == Role::parameter || role == Role::gradient || role == Role::output_gradient || role == Role::update;
}

const trace::Module* findModule(const trace::ModuleTable* modules, const std::string& path) {
    if (!modules) return nullptr;
    const auto at =
        std::find_if(modules->begin(), modules->end(), [&](const trace::Module& m) { return m.path == path; });
    return at == modules->end() ? nullptr : &*at;
}

} // namespace hs::ui
