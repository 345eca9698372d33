#include "engine/io/idx.h"
#include "engine/io/safetensors.h"
#include "engine/ops/functional.h"
#include "tests/engine/throws.h"

#include <QByteArray>
#include <QFile>
#include <QTemporaryDir>
#include <QtTest>

using namespace hs;
using hs::test::thrown;

namespace {

/// A file of this header and these bytes of data.
QByteArray packed(const QByteArray& header, const QByteArray& data = {}) {
    QByteArray bytes;
    for (int shift = 0; shift < 64; shift += 8)
        bytes.append(static_cast<char>(static_cast<quint64>(header.size()) >> shift & 0xff));
    return bytes + header + data;
}

} // namespace

class TestSafetensors : public QObject {
    Q_OBJECT

    QTemporaryDir dir_;

    std::string write(const QByteArray& bytes) {
        QFile file(dir_.filePath("weights.safetensors"));
        if (!file.open(QIODevice::WriteOnly)) qFatal("cannot write the test's file");
        file.write(bytes);
        return file.fileName().toStdString();
    }

    QString failure(const std::string& file) {
        try {
            io::read_safetensors(file);
        } catch (const io::FileError& error) {
            return QString::fromStdString(error.what());
        }
        return "no error";
    }

  private slots:
    void readsTensorsByName() {
        const float weight[] = {1.5F, -2, 0.25F, 8};
        const std::int64_t steps[] = {1LL << 40};
        QByteArray data(reinterpret_cast<const char*>(steps), sizeof steps);
        data.append(reinterpret_cast<const char*>(weight), sizeof weight).append("\x02", 1);
        const auto tensors = io::read_safetensors(
            write(packed(R"({"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[2,2],"data_offsets":[8,24]},)"
                         R"("steps":{"dtype":"I64","shape":[],"data_offsets":[0,8]},)"
                         R"("none":{"dtype":"F64","shape":[0,3],"data_offsets":[24,24]},)"
                         R"("flag":{"dtype":"BOOL","shape":[1],"data_offsets":[24,25]}})",
                         data)));
        QCOMPARE(tensors.size(), std::size_t(4));
        QCOMPARE(tensors.at("w").shape(), Shape({2, 2}));
        QCOMPARE(tensors.at("w").to_vector<double>(), std::vector<double>({1.5, -2, 0.25, 8}));
        QCOMPARE(tensors.at("steps").item<std::int64_t>(), 1LL << 40);
        QCOMPARE(tensors.at("none").numel(), 0);
        QCOMPARE(tensors.at("flag").item<std::int64_t>(), 1);
    }

    void refusesDamage_data() {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("reason");
        const auto row = [](const char* name, const QByteArray& bytes, const char* reason) {
            QTest::newRow(name) << bytes << QString(reason);
        };
        const auto one = [](const char* entry, int bytes) {
            return packed(QByteArray(R"({"w":)") + entry + "}", QByteArray(bytes, '\0'));
        };
        row("empty", "", "shorter than its 8-byte prefix");
        row("cut in its header", packed("{\"w\":1}").left(12), "its header is announced as 7 bytes, the file has 12");
        row("header of gigabytes", QByteArray("\0\0\0\0\1\0\0\0{}", 10),
            "its header is announced as 4294967296 bytes, the file has 10");
        row("no JSON", packed("{]"), "its header is no JSON object");
        row("a list", packed("[]"), "its header is no JSON object");
        row("nested", packed(QByteArray(100000, '[')), "its header is nested too deeply");
        row("twice",
            packed(R"({"w":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},)"
                   R"("w":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}})"),
            "its header has the name 'w' twice");
        row("dtype", one(R"({"dtype":"F7","shape":[1],"data_offsets":[0,4]})", 4),
            "tensor 'w': its dtype 'F7' is not supported");
        row("negative size", one(R"({"dtype":"F32","shape":[-1],"data_offsets":[0,4]})", 4),
            "tensor 'w': its shape is not a list of sizes");
        row("too many elements", one(R"({"dtype":"U8","shape":[4611686018427387904,4],"data_offsets":[0,0]})", 0),
            "tensor 'w': the number of elements of shape [4611686018427387904, 4] does not fit in 63 bits");
        row("shape and bytes", one(R"({"dtype":"F32","shape":[2],"data_offsets":[0,4]})", 4),
            "tensor 'w': its shape [2] does not fit its 4 bytes");
        row("beyond the end", one(R"({"dtype":"F32","shape":[2],"data_offsets":[0,8]})", 4),
            "tensor 'w': its data_offsets [0, 8] do not lie within the file's 4 bytes of data");
        row("backwards", one(R"({"dtype":"F32","shape":[0],"data_offsets":[4,0]})", 4),
            "tensor 'w': its data_offsets [4, 0] do not lie within the file's 4 bytes of data");
        row("one offset", one(R"({"dtype":"F32","shape":[1],"data_offsets":[4]})", 4),
            "tensor 'w': its data_offsets are not two offsets");
        row("gap", one(R"({"dtype":"U8","shape":[3],"data_offsets":[1,4]})", 4),
            "tensor 'w' begins at byte 1 of the data, the one before ends at 0");
        row("overlap",
            packed(R"({"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},)"
                   R"("b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}})",
                   "1234"),
            "tensor 'b' begins at byte 2 of the data, the one before ends at 3");
        row("bytes left over", one(R"({"dtype":"U8","shape":[1],"data_offsets":[0,1]})", 4),
            "its tensors end at byte 1 of 4 bytes of data");
    }
    void refusesDamage() {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, reason);
        const std::string file = write(bytes);
        QCOMPARE(failure(file), QString::fromStdString(file) + ": " + reason);
    }

    void namesWhatIsMissing() {
        const QString entry = failure(write(packed(R"({"w":{"dtype":"F32"}})")));
        QVERIFY2(entry.contains("tensor 'w': ") && entry.contains("shape"), qPrintable(entry));
        const std::string nowhere = dir_.filePath("nowhere").toStdString();
        QCOMPARE(failure(nowhere), QString::fromStdString(nowhere) + ": cannot be read");
        const std::string folder = dir_.path().toStdString();
        QCOMPARE(failure(folder), QString::fromStdString(folder) + ": cannot be read");
    }

    void aWrittenFileIsWholeOrNotThere() {
        const QTemporaryDir folder;
        const std::string file = folder.filePath("weights.safetensors").toStdString();
        const Tensor view = transpose(arange(0, 6).view({2, 3}), 0, 1);
        io::write_safetensors(
            file, {{"b \"quoted\"", view}, {"a", ones({}, {.dtype = Dtype::bfloat16})}, {"none", empty({0, 2})}});
        const auto read = io::read_safetensors(file);
        QCOMPARE(read.at("b \"quoted\"").to_vector<double>(), std::vector<double>({0, 3, 1, 4, 2, 5}));
        QCOMPARE(read.at("b \"quoted\"").dtype(), Dtype::int64);
        const Tensor rows = arange(0, 6).view({2, 3});
        io::write_safetensors(file, {{"second", rows[1]}});
        QCOMPARE(io::read_safetensors(file).at("second").to_vector<double>(), std::vector<double>({3, 4, 5}));
        io::write_safetensors(
            file, {{"b \"quoted\"", view}, {"a", ones({}, {.dtype = Dtype::bfloat16})}, {"none", empty({0, 2})}});
        QCOMPARE(read.at("a").dtype(), Dtype::bfloat16);
        QCOMPARE(read.at("none").shape(), Shape({0, 2}));
        QCOMPARE(thrown<ValueError>([&] {
                     io::write_safetensors(file, {{"w", view}, {"w", view}});
                 }),
                 std::string("a tensor cannot be written under the name 'w' twice"));
        QCOMPARE(thrown<ValueError>([&] {
                     io::write_safetensors(file, {{"__metadata__", view}});
                 }),
                 std::string("a tensor cannot be written under the name '__metadata__'"));
        QCOMPARE(io::read_safetensors(file).size(), std::size_t(3));
        QCOMPARE(QDir(folder.path()).entryList(QDir::Files), QStringList("weights.safetensors"));
        const std::string nowhere = folder.filePath("none/weights.safetensors").toStdString();
        QCOMPARE(thrown<io::FileError>([&] {
                     io::write_safetensors(nowhere, {{"w", view}});
                 }),
                 nowhere + ": cannot be written");
    }
};

QTEST_GUILESS_MAIN(TestSafetensors)
#include "tst_safetensors.moc"
