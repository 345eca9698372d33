#include "app/command_line.h"
#include "app/output.h"
#include "app/report.h"

#include <QDir>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QtTest>

#include <limits>

using namespace hs::app;

namespace {

QString failure(const std::function<void()>& call) {
    try {
        call();
    } catch (const std::exception& error) {
        return QString::fromUtf8(error.what());
    }
    return {};
}

} // namespace

class TestOutput : public QObject {
    Q_OBJECT

    std::filesystem::path path(const QString& name) const { return dir_.filePath(name).toStdString(); }
    QStringList entries() const {
        return QDir(dir_.path()).entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot);
    }
    QTemporaryDir dir_;

  private slots:
    void goodPlacesAreLeftAsTheyWere() {
        check_output_folder("--screenshot", path("new/deep"));
        check_output_folder("--screenshot", path(""));
        check_output_file("--report", path("report.json"));
        check_output_file("--report", path("new/report.json"));
        QCOMPARE(entries(), QStringList());
    }

    void badPlacesAreNamed() {
        write_file(path("file"), "x");
        const QString file = dir_.filePath("file");
        QVERIFY(failure([&] { check_output_folder("--screenshot", path("file")); }) ==
                "--screenshot: " + file + " is not a folder; name a folder");
        QVERIFY(failure([&] {
                    check_output_folder("--screenshot", path("file/below"));
                }).contains(file + " is not a folder"));
        QVERIFY(
            failure([&] { check_output_file("--report", path("file/below")); }).contains(file + " is not a folder"));
        QVERIFY(failure([&] { check_output_file("--report", path("")); }).contains("is a folder; name a file in it"));
        QVERIFY(failure([] {
                    check_output_folder("--screenshot", "/proc/nothing");
                }).contains("cannot write to /proc/nothing"));
        QVERIFY(failure([] { check_output_file("--report", "/proc/report.json"); }).contains("cannot write to /proc"));
        QCOMPARE(entries(), QStringList{"file"});
    }

    void filesAreReplacedWhole() {
        const QString name = dir_.filePath("a/b/report.json");
        write_file(name.toStdString(), "first, and longer");
        const std::filesystem::path other = path("other name");
        std::filesystem::create_hard_link(name.toStdString(), other);
        write_file(name.toStdString(), "second");
        QCOMPARE(std::filesystem::file_size(other), 17u); // a new file took the name; the old one was not written into
        QFile file(name);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll(), QByteArray("second"));
        QCOMPARE(QDir(dir_.filePath("a/b")).entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot),
                 QStringList{"report.json"});
        QVERIFY(failure([] { write_file("/proc/report.json", "x"); }).contains("/proc/report.json: cannot be written"));
    }

    void reportHasTheKeysThatWereAsked() {
        Report report;
        report.demo = "spiral-mlp";
        report.loss = 0.25;
        report.test_accuracy = 0.875;
        report.steps = 12;
        report.render_device = "Vulkan";
        report.message = "not UTF-8: \xff";
        QJsonObject json = QJsonDocument::fromJson(to_json(report)).object();
        for (const char* key :
             {"loss", "test_accuracy", "steps", "seconds_per_step", "observe_ratio", "peak_memory_mb", "render_device"})
            QVERIFY2(json.contains(key), key);
        QCOMPARE(json["loss"].toDouble(), 0.25);
        QCOMPARE(json["test_accuracy"].toDouble(), 0.875);
        QCOMPARE(json["steps"].toInt(), 12);
        QVERIFY(!json.contains("frames_per_second"));

        report.window = WindowFigures{31.5, 12.25, 640};
        report.loss = std::numeric_limits<double>::quiet_NaN();
        report.test_accuracy.reset();
        json = QJsonDocument::fromJson(to_json(report)).object();
        QCOMPARE(json["frames_per_second"].toDouble(), 31.5);
        QCOMPARE(json["longest_ui_pause_ms"].toDouble(), 12.25);
        QCOMPARE(json["first_frame_ms"].toDouble(), 640.0);
        QVERIFY(json["loss"].isNull() && json["test_accuracy"].isNull());
    }
};

QTEST_GUILESS_MAIN(TestOutput)
#include "tst_output.moc"
