#include "engine/io/idx.h"

#include <QByteArray>
#include <QFile>
#include <QTemporaryDir>
#include <QtTest>
#include <zlib.h>

using hs::io::check_idx;
using hs::io::FileError;
using hs::io::read_idx;

namespace {

QByteArray gzipped(const QByteArray& plain) {
    z_stream stream{};
    deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY);
    QByteArray packed(static_cast<int>(deflateBound(&stream, static_cast<uLong>(plain.size()))) + 32, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
    stream.avail_in = static_cast<uInt>(plain.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    deflate(&stream, Z_FINISH);
    packed.truncate(static_cast<int>(stream.total_out));
    deflateEnd(&stream);
    return packed;
}

QByteArray header(const QList<quint32>& sizes, char type = 8) {
    QByteArray bytes("\0\0", 2);
    bytes.append(type).append(static_cast<char>(sizes.size()));
    for (quint32 size : sizes)
        for (int shift = 24; shift >= 0; shift -= 8)
            bytes.append(static_cast<char>(size >> shift & 0xff));
    return bytes;
}

QByteArray ramp(int count) {
    QByteArray bytes(count, '\0');
    for (int i = 0; i < count; ++i)
        bytes[i] = static_cast<char>(i * 7 % 251);
    return bytes;
}

} // namespace

class TestIdx : public QObject {
    Q_OBJECT

    QTemporaryDir dir_;

    std::string write(const QByteArray& bytes) {
        QFile file(dir_.filePath("array-idx"));
        if (!file.open(QIODevice::WriteOnly)) qFatal("cannot write the test's file");
        file.write(bytes);
        return file.fileName().toStdString();
    }

    static QString failure(const std::function<void()>& call) {
        try {
            call();
        } catch (const FileError& error) {
            return QString::fromUtf8(error.what());
        }
        return {};
    }

  private slots:
    void readsGzippedAndPlain_data() {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<int>("elements");
        QTest::addColumn<int>("rank");
        const QByteArray image = header({3, 4, 5}) + ramp(60);
        const QByteArray large = header({700'001}) + ramp(700'001);
        QTest::newRow("gzipped") << gzipped(image) << 60 << 3;
        QTest::newRow("plain") << image << 60 << 3;
        QTest::newRow("gzipped, several chunks") << gzipped(large) << 700'001 << 1;
        QTest::newRow("plain, several chunks") << large << 700'001 << 1;
    }
    void readsGzippedAndPlain() {
        QFETCH(QByteArray, bytes);
        QFETCH(int, elements);
        QFETCH(int, rank);
        const std::string path = write(bytes);
        const auto array = read_idx(path);
        QCOMPARE(static_cast<int>(array.shape.size()), rank);
        QCOMPARE(QByteArray(reinterpret_cast<const char*>(array.bytes.data()), static_cast<int>(array.bytes.size())),
                 ramp(elements));
        QVERIFY(check_idx(path) == array.shape);
    }

    void refusesBrokenFiles_data() {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("reason");
        const QByteArray good = header({3, 4, 5}) + ramp(60);
        const QByteArray packed = gzipped(header({100, 100}) + ramp(10'000));
        QByteArray damaged = packed;
        damaged[packed.size() / 2] = static_cast<char>(damaged[packed.size() / 2] ^ 0x55);
        QByteArray checksum = packed;
        checksum[packed.size() - 6] = static_cast<char>(checksum[packed.size() - 6] ^ 1);

        QTest::newRow("empty") << QByteArray() << "at byte 0: the data ends within the IDX header";
        QTest::newRow("magic") << QByteArray("PK\3\4 and more") << "begins with 50 4b 03 04";
        QTest::newRow("magic, gzipped") << gzipped("hello, world") << "at byte 0 of the unpacked data: not an IDX file";
        QTest::newRow("type") << header({3}, 0x0d) + ramp(12) << "at byte 2: element type 13";
        QTest::newRow("no dimensions") << QByteArray("\0\0\x08\0", 4) << "at byte 3: 0 dimensions";
        QTest::newRow("many dimensions") << QByteArray("\0\0\x08\xff", 4) << "at byte 3: 255 dimensions";
        QTest::newRow("header cut") << good.left(10) << "at byte 10: the data ends within the IDX header";
        QTest::newRow("size 0") << header({3, 0, 5}) << "at byte 8: dimension 1 has size 0";
        QTest::newRow("overflow") << header({0xffffffff, 0xffffffff, 0xffffffff}) << "multiply to over 2^64";
        QTest::newRow("absurd size") << header({0xffffffff, 0xffffffff}) + ramp(9) << "more than a file of 21 bytes";
        QTest::newRow("absurd size, gzipped") << gzipped(header({0x7fffffff, 28, 28})) << "can hold";
        QTest::newRow("data cut") << good.left(50) << "more than a file of 50 bytes can hold";
        QTest::newRow("data short, gzipped") << gzipped(good.left(50)) << "the data ends after 34 of 60 elements";
        QTest::newRow("gzip cut") << packed.left(packed.size() - 20) << "it was cut short";
        QTest::newRow("gzip header only") << packed.left(10) << "at byte 10: the file ends within the gzip stream";
        QTest::newRow("gzip damaged") << damaged << "the gzip data is damaged";
        QTest::newRow("gzip checksum") << checksum << "incorrect data check";
        QTest::newRow("more data") << good + "x"
                                   << "at byte 76: there is more data than the header announces";
        QTest::newRow("more data, gzipped") << gzipped(good + "x") << "at byte 76 of the unpacked data: there is more";
        QTest::newRow("after gzip") << gzipped(good) + "garbage"
                                    << "more data follows the end of the gzip stream";
        QTest::newRow("bomb") << gzipped(header({10}) + QByteArray(50'000'000, '\0'))
                              << "at byte 18 of the unpacked data";
    }
    void refusesBrokenFiles() {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, reason);
        const std::string path = write(bytes);
        const QString text = failure([&] { read_idx(path); });
        QVERIFY2(text.startsWith(QString::fromStdString(path) + ": "), qPrintable(text));
        QVERIFY2(text.contains(reason), qPrintable(text));
        QVERIFY2(!text.contains('\n'), qPrintable(text));
    }

    void checkFindsWhatNeedsNoUnpacking_data() {
        QTest::addColumn<QByteArray>("bytes");
        const QByteArray packed = gzipped(header({100, 100}) + ramp(10'000));
        QTest::newRow("gzip cut") << packed.left(packed.size() - 20);
        QTest::newRow("data short") << gzipped(header({100, 100}) + ramp(9'999));
        QTest::newRow("plain, more data") << header({10}) + ramp(11);
        QTest::newRow("magic") << gzipped("hello, world");
    }
    void checkFindsWhatNeedsNoUnpacking() {
        QFETCH(QByteArray, bytes);
        const std::string path = write(bytes);
        QVERIFY(failure([&] { check_idx(path); }).startsWith(QString::fromStdString(path) + ": "));
    }

    void namesWhatIsNoFile() {
        QVERIFY(failure([] { read_idx("/nowhere/at-all.gz"); }) == "/nowhere/at-all.gz: no such file");
        const std::string folder = dir_.path().toStdString();
        QVERIFY(failure([&] { read_idx(folder); }).endsWith(": not a regular file"));
    }
};

QTEST_GUILESS_MAIN(TestIdx)
#include "tst_idx.moc"
