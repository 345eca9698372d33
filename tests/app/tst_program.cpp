#include <QDir>
#include <QFile>
#include <QImage>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>

namespace {

const QString fashion = "/usr/share/datasets/fashion-mnist";

struct Outcome {
    int code = -1;
    QString out;
    QString err;
};

/// Runs the program as a person without a display would.
Outcome run(const QStringList& arguments, const QString& display = {}) {
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    for (const char* name : {"WAYLAND_DISPLAY", "DISPLAY", "QT_QPA_PLATFORM", "LC_ALL", "LANG", "XDG_RUNTIME_DIR"})
        environment.remove(name);
    if (!display.isEmpty()) environment.insert("DISPLAY", display);
    QProcess process;
    process.setProcessEnvironment(environment);
    process.start(HOOKSCOPE_PROGRAM, arguments);
    if (!process.waitForFinished(120'000)) process.kill();
    return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1,
            QString::fromUtf8(process.readAllStandardOutput()), QString::fromUtf8(process.readAllStandardError())};
}

QJsonObject read_report(const QString& name) {
    QFile file(name);
    return file.open(QIODevice::ReadOnly) ? QJsonDocument::fromJson(file.readAll()).object() : QJsonObject();
}

} // namespace

class TestProgram : public QObject {
    Q_OBJECT

    /// The data set with one of its files replaced by `bytes`; the others are links.
    static void make_data(const QString& folder, const QString& name, const QByteArray& bytes) {
        QDir().mkpath(folder);
        for (const QString& file : QDir(fashion).entryList(QDir::Files))
            if (file != name) QFile::link(fashion + '/' + file, folder + '/' + file);
        QFile changed(folder + '/' + name);
        if (!changed.open(QIODevice::WriteOnly)) qFatal("cannot write the test's data");
        changed.write(bytes);
    }
    static QByteArray read(const QString& name) {
        QFile file(name);
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }

  private slots:
    void tellsAboutItself() {
        const Outcome help = run({"--help"});
        QCOMPARE(help.code, 0);
        QVERIFY(help.out.contains("--list-demos") && help.err.isEmpty());
        const Outcome list = run({"--list-demos"});
        QCOMPARE(list.code, 0);
        for (const char* name : {"fashion-cnn", "spiral-mlp", "fashion-resnet"})
            QVERIFY2(list.out.contains(name), name);
        QVERIFY(run({"--version"}).out.startsWith("Hookscope "));
    }

    void refusesBadInput_data() {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("reason");
        const QString data = "install the Debian package dataset-fashion-mnist, or say with --data DIR";
        QTest::newRow("option") << QStringList{"--fast"} << "unknown option '--fast'";
        QTest::newRow("demo") << QStringList{"--demo", "lenet"}
                              << "there is no demo 'lenet'; there are fashion-cnn, spiral-mlp, fashion-resnet";
        QTest::newRow("no data") << QStringList{"--data", "/nowhere"} << data;
        QTest::newRow("no data, named") << QStringList{"--data", "/nowhere"} << "-ubyte.gz: no such file";
        QTest::newRow("pictures") << QStringList{"--demo", "spiral-mlp", "--screenshot", "/proc/x"}
                                  << "--screenshot: cannot write to /proc/x";
    }
    void refusesBadInput() {
        QFETCH(QStringList, arguments);
        QFETCH(QString, reason);
        const QTemporaryDir dir;
        const Outcome outcome =
            run(QStringList{"--headless", "--steps", "2", "--report", dir.filePath("report.json")} + arguments);
        QVERIFY2(outcome.err.contains(reason), qPrintable(outcome.err));
        QCOMPARE(outcome.err.count('\n'), 1);
        QCOMPARE(outcome.code, 2);
        QVERIFY(QDir(dir.path()).isEmpty());
    }

    void refusesDamagedData_data() {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("reason");
        const QString images = "train-images-idx3-ubyte.gz";
        const QString labels = "t10k-labels-idx1-ubyte.gz";
        const QByteArray good = read(fashion + '/' + labels);
        QByteArray damaged = good;
        if (damaged.size() > 3000) damaged[3000] = static_cast<char>(damaged[3000] ^ 0x10);
        QTest::newRow("cut short") << images << read(fashion + '/' + images).left(1'000'000) << "cut short or damaged";
        QTest::newRow("wrong magic") << images << QByteArray("PK\3\4 a zip") << "not an IDX file";
        QTest::newRow("labels for images") << images << good << "not [count, 28, 28]";
        QTest::newRow("damaged inside") << labels << damaged << "the gzip data is damaged";
    }
    void refusesDamagedData() {
        if (!QFile::exists(fashion)) QSKIP("Debian's package dataset-fashion-mnist is not installed");
        QFETCH(QString, file);
        QFETCH(QByteArray, bytes);
        QFETCH(QString, reason);
        const QTemporaryDir dir;
        make_data(dir.filePath("data"), file, bytes);
        const Outcome outcome = run({"--headless", "--steps", "2", "--data", dir.filePath("data"), "--report",
                                     dir.filePath("report.json"), "--screenshot", dir.filePath("pictures")});
        QVERIFY2(outcome.err.contains(dir.filePath("data/" + file) + ": "), qPrintable(outcome.err));
        QVERIFY2(outcome.err.contains(reason) && outcome.err.contains("dataset-fashion-mnist"),
                 qPrintable(outcome.err));
        QCOMPARE(outcome.err.count('\n'), 1);
        QCOMPARE(outcome.code, 2);
        QCOMPARE(QDir(dir.path()).entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot),
                 QStringList{"data"});
    }

    void saysThatThereIsNoDisplay() {
        const Outcome none = run({"--demo", "spiral-mlp"});
        QCOMPARE(none.code, 2);
        QCOMPARE(none.err, QString("hookscope: there is no display (DISPLAY is not set); set it, or train with "
                                   "--headless\n"));
        const Outcome dead = run({"--demo", "spiral-mlp"}, ":987");
        QCOMPARE(dead.code, 2);
        QCOMPARE(dead.err,
                 QString("hookscope: the display ':987' cannot be reached; set DISPLAY, or train with --headless\n"));
    }

    void trainsWithoutADisplay() {
        const QTemporaryDir dir;
        const QString report = dir.filePath("out/report.json");
        const Outcome outcome = run({"--headless", "--demo", "spiral-mlp", "--steps", "60", "--threads", "1",
                                     "--screenshot", dir.filePath("out"), "--report", report});
        QVERIFY2(outcome.code == 0, qPrintable(outcome.err));
        QVERIFY2(outcome.out.contains("60 steps: loss ") && outcome.out.contains(report), qPrintable(outcome.out));
        const QJsonObject json = read_report(report);
        QCOMPARE(json["steps"].toInt(), 60);
        QVERIFY(json["loss"].toDouble() > 0 && json["loss"].toDouble() < 1);
        QVERIFY(json["test_accuracy"].toDouble() > 0.4);
        QVERIFY(json["seconds_per_step"].toDouble() > 0);
        QVERIFY(json["observe_ratio"].toDouble() > 0);
        QVERIFY(json["peak_memory_mb"].toDouble() > 10);
        QVERIFY(!json["render_device"].toString().isEmpty());
        const QStringList pictures = QDir(dir.filePath("out")).entryList({"*.png"});
        QVERIFY2(pictures.contains("window.png") && pictures.size() >= 4, qPrintable(pictures.join(' ')));
        for (const QString& picture : pictures)
            QVERIFY2(!QImage(dir.filePath("out/" + picture)).isNull(), qPrintable(picture));
        QCOMPARE(QImage(dir.filePath("out/window.png")).size(), QSize(1400, 900));
    }

    void theSeedDecidesTheLoss() {
        if (!QFile::exists(fashion)) QSKIP("Debian's package dataset-fashion-mnist is not installed");
        const QTemporaryDir dir;
        const auto loss = [&](const char* seed) {
            const QString report = dir.filePath("report.json");
            const Outcome outcome =
                run({"--headless", "--steps", "12", "--threads", "1", "--seed", seed, "--report", report});
            return outcome.code == 0 ? read_report(report)["loss"].toDouble(-1) : -1.0;
        };
        const double first = loss("3");
        QVERIFY(first > 0);
        QVERIFY(loss("3") == first); // bit for bit: JSON carries doubles exactly
        QVERIFY(loss("4") != first);
    }
};

QTEST_GUILESS_MAIN(TestProgram)
#include "tst_program.moc"
