using OpenCharly.Foundation;
using OpenCharly.Kdl;

namespace OpenCharly.Tests.Kdl;

/// <summary>Whatever is fed to the reader, it answers with a document or with an error that names a place.</summary>
public sealed class KdlPropertyTests
{
    private const int Rounds = 4000;

    private static readonly string[] Pieces =
    [
        "a", "vm", "r", "\"", "\"\"\"", "#", "##", "{", "}", "(", ")", "=", ";", "\\", "/-", "//", "/*", "*/", "\n", "\r\n", " ", "\t", "1", "0x", "-", ".", "_", "e",
        "#true", "true", "null", "#nan", "\\u{", "41}", "\\n", "r#\"", "\"#", "kdl-version 1", "\uFEFF", "\u2028", "\u0085", "\v", "\0", "\uD83D", "\uDE00", "😀", "\u202E", "ö", "[", ",",
    ];

    [Fact]
    public void Garbage_ends_in_an_error_with_a_place_and_in_nothing_else()
    {
        var random = new Random(20260921);
        var read = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(40)).Select(_ => Pieces[random.Next(Pieces.Length)]));
            if (TryRead(text)) read++;
        }

        // Both ends of the range were met, so the pieces are neither all good nor all bad.
        Assert.InRange(read, 1, Rounds - 1);
    }

    [Fact]
    public void A_good_document_cut_or_changed_at_any_place_is_still_answered()
    {
        const string good = "/* c */ vm \"a\" k=#\"r\"# {\n  n 0x1f 1.5e3 (t)\"x\\u{41}\"\n  m \"\"\"\n    l\n    \"\"\"\n  /- o { p }\n}\n";
        Assert.True(TryRead(good));
        for (var i = 0; i < good.Length; i++)
        {
            TryRead(good[..i]);
            foreach (var piece in Pieces) TryRead(good[..i] + piece + good[(i + 1)..]);
        }
    }

    [Theory]
    [InlineData("(")]
    [InlineData("a {")]
    [InlineData("/*")]
    [InlineData("/-")]
    [InlineData("\"")]
    [InlineData("#")]
    [InlineData("r#\"")]
    [InlineData("\\\n")]
    [InlineData("a ")]
    [InlineData("9")]
    [InlineData("a=1 ")]
    public void Long_runs_are_read_in_one_go(string piece) => TryRead("n " + string.Concat(Enumerable.Repeat(piece, 200_000)));

    private static bool TryRead(string text)
    {
        try
        {
            KdlReader.Read(text, "t.kdl");
            return true;
        }
        catch (CharlyException e)
        {
            Assert.True(e.Code == Errors.KdlSyntax || e.Code == Errors.KdlLimit, e.Message);
            Assert.NotNull(e.Position);
            Assert.NotEmpty(e.Help);
            return false;
        }
    }
}
