#include <QDirIterator>
#include <QFile>
#include <QHash>
#include <QMap>
#include <QRegularExpression>
#include <QSet>
#include <QtTest>

namespace {

using Sources = QMap<QString, QString>; ///< path from the tree's root -> text

// Who may include whom, as the design has it; what a part may include, it may also include what that part may.
const QHash<QString, QStringList> may_include{
    {"engine/tensor", {}},
    {"engine/kernels", {"engine/tensor"}},
    {"engine/hooks", {"engine/tensor"}},
    {"engine/trace", {"engine/tensor"}},
    {"engine/graph", {"engine/hooks", "engine/kernels"}},
    {"engine/ops", {"engine/graph"}},
    {"engine/autograd", {"engine/ops"}},
    {"engine/nn", {"engine/ops"}},
    {"engine/gallery", {"engine/nn"}},
    {"engine/optim", {"engine/nn", "engine/autograd"}},
    {"engine/io", {"engine/nn", "engine/autograd"}},
    {"engine/record", {"engine/optim", "engine/io", "engine/trace"}},
    {"engine/script", {"engine/optim"}},
    {"engine/session", {"engine/record", "engine/script"}},
    {"engine/hookscope.h", {"engine/optim", "engine/io", "engine/gallery"}},
    {"ui/theme", {}},
    {"ui/layout", {"engine/trace"}},
    {"ui/render", {"shaders"}},
    {"ui/models", {"ui/theme", "engine/trace", "engine/session"}},
    {"ui/views", {"ui/models", "ui/layout", "ui/render", "ui/theme", "engine/trace", "engine/session"}},
    {"ui/window", {"ui/views"}},
    {"app", {"ui/window", "engine/session"}},
};

// The only headers of the engine that the UI may see, also through others. `ui/models` may name the tensor's too.
const QRegularExpression ui_may_see(
    "^engine/(trace/\\w+|"
    "session/(aim|breakpoints|chain_rule|edits|element_history|event_text|hook_bench|lesson|microscope|past|retention|"
    "scratch|session|watch|watches)|tensor/(block|device|dtype|error|intrusive|shape))\\.h$");

QString part_of(const QString& path) {
    const QStringList names = path.split('/');
    return names[0] == "app" || names[0] == "shaders" ? names[0] : names.mid(0, 2).join('/');
}

QSet<QString> reachable_parts(const QString& part) {
    QSet<QString> parts{part};
    for (const QString& next : may_include.value(part))
        parts += reachable_parts(next);
    return parts;
}

struct Include {
    QString name;
    bool quoted = false;
};

QList<Include> includes(const QString& text) {
    static const QRegularExpression line("^[ \\t]*#[ \\t]*include[ \\t]*([\"<])([^\">]+)[\">]",
                                         QRegularExpression::MultilineOption);
    QList<Include> found;
    for (auto match = line.globalMatch(text); match.hasNext();) {
        const auto one = match.next();
        found.append({one.captured(2), one.captured(1) == "\""});
    }
    return found;
}

/// Everything of the tree that `path` pulls in, itself left out.
QSet<QString> closure(const Sources& sources, const QString& path) {
    QSet<QString> seen;
    QStringList todo{path};
    while (!todo.isEmpty()) {
        for (const Include& include : includes(sources.value(todo.takeLast()))) {
            if (!include.quoted || seen.contains(include.name)) continue;
            seen.insert(include.name);
            todo.append(include.name);
        }
    }
    return seen;
}

QString foreign_header_problem(const QString& path, const QString& name) {
    static const QRegularExpression qt("^Q[A-Z]|^Qt"), vulkan("^vulkan/"),
        kernel_library("^(Eigen|unsupported|dnnl|oneapi)");
    const bool engine = path.startsWith("engine/");
    if ((engine || path.startsWith("ui/layout/")) && name.contains(qt)) return "knows no Qt";
    if ((engine || path.startsWith("ui/layout/")) && name.contains(vulkan)) return "knows no Vulkan";
    if (!path.startsWith("ui/render/") && name.contains(vulkan)) return "only ui/render draws with Vulkan";
    if (path.endsWith(".h") && !path.startsWith("engine/kernels/cpu/") && name.contains(kernel_library))
        return "public headers show no kernel library";
    return {};
}

/// `path: "header": reason`, one for each wrong include.
QStringList violations(const Sources& sources) {
    QStringList found;
    for (auto file = sources.begin(); file != sources.end(); ++file) {
        const QString part = part_of(file.key());
        const auto complain = [&](const QString& header, const QString& reason) {
            found.append(file.key() + ": \"" + header + "\": " + reason);
        };
        if (part != "shaders" && !may_include.contains(part)) {
            complain("", "this folder is not in the table");
            continue;
        }
        const QSet<QString> reachable = reachable_parts(part);
        for (const Include& include : includes(file.value())) {
            if (!include.quoted) {
                const QString problem = foreign_header_problem(file.key(), include.name);
                if (!problem.isEmpty()) complain(include.name, problem);
            } else if (include.name.endsWith(".moc")) {
                continue;
            } else if (!sources.contains(include.name)) {
                complain(include.name, "no such file from the tree's root");
            } else if (!reachable.contains(part_of(include.name))) {
                complain(include.name, part + " may not include " + part_of(include.name));
            }
        }
        if (!part.startsWith("ui/")) continue;
        for (const QString& header : closure(sources, file.key()))
            if (header.startsWith("engine/") && !header.contains(ui_may_see))
                complain(header, "the UI may not see this header, not even through another");
    }
    found.sort();
    return found;
}

Sources read_tree() {
    Sources sources;
    const QDir root(HOOKSCOPE_SOURCE_DIR);
    for (const char* folder : {"engine", "ui", "app", "shaders"}) {
        QDirIterator files(root.filePath(folder), {"*.h", "*.cpp", "*.cu"}, QDir::Files, QDirIterator::Subdirectories);
        while (files.hasNext()) {
            QFile file(files.next());
            if (file.open(QIODevice::ReadOnly)) sources.insert(root.relativeFilePath(file.fileName()), file.readAll());
        }
    }
    return sources;
}

} // namespace

class TestBoundaries : public QObject {
    Q_OBJECT

  private slots:
    void findsWhatIsWrong_data() {
        QTest::addColumn<QString>("path");
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("violation");
        const auto row = [](const char* name, const char* path, const char* text, const char* violation) {
            QTest::newRow(name) << path << text << violation;
        };
        row("upwards", "engine/trace/a.cpp", "#include \"engine/ops/op.h\"\n",
            "engine/trace may not include engine/ops");
        row("engine to ui", "engine/record/a.cpp", "#include \"ui/views/view.h\"", "may not include ui/views");
        row("engine to Qt", "engine/ops/a.h", "  # include <QString>", "knows no Qt");
        row("layout to Qt", "ui/layout/a.cpp", "#include <QtCore/QString>", "knows no Qt");
        row("engine to Vulkan", "engine/nn/a.cpp", "#include <vulkan/vulkan.h>", "knows no Vulkan");
        row("view to Vulkan", "ui/views/a.cpp", "#include <vulkan/vulkan_raii.hpp>", "only ui/render");
        row("kernel library", "engine/ops/a.h", "#include <Eigen/Core>", "public headers show no kernel library");
        row("view to tensor", "ui/views/a.cpp", "#include \"engine/tensor/tensor.h\"", "the UI may not see");
        row("through session", "ui/models/a.h", "#include \"engine/session/watch.h\"",
            "\"engine/nn/module.h\": the UI may");
        row("training", "ui/views/a.cpp", "#include \"engine/session/training.h\"", "the UI may not see");
        row("render to trace", "ui/render/a.cpp", "#include \"engine/trace/trace.h\"", "may not include engine/trace");
        row("relative", "ui/views/a.cpp", "#include \"view.h\"", "no such file from the tree's root");
        row("unknown folder", "engine/misc/a.cpp", "", "this folder is not in the table");
    }
    void findsWhatIsWrong() {
        QFETCH(QString, path);
        QFETCH(QString, text);
        QFETCH(QString, violation);
        Sources sources{{"engine/ops/op.h", ""},
                        {"engine/nn/module.h", ""},
                        {"engine/tensor/tensor.h", ""},
                        {"engine/trace/trace.h", ""},
                        {"engine/session/training.h", ""},
                        {"engine/session/watch.h", "#pragma once\n#include \"engine/nn/module.h\"\n"},
                        {"ui/views/view.h", "#include <QWidget>\n#include \"engine/trace/trace.h\"\n"}};
        QCOMPARE(violations(sources), QStringList());
        sources.insert(path, text);
        const QStringList found = violations(sources);
        QVERIFY2(found.join('\n').contains(violation), qPrintable(found.join('\n')));
    }

    void everyIncludeIsAllowed() {
        const Sources sources = read_tree();
        QVERIFY(sources.contains("engine/tensor/dtype.h"));
        const QStringList found = violations(sources);
        QVERIFY2(found.isEmpty(), qPrintable('\n' + found.join('\n')));
    }
};

QTEST_GUILESS_MAIN(TestBoundaries)
#include "tst_boundaries.moc"
