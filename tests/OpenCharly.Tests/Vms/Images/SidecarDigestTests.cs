using OpenCharly.Vms.Images;

namespace OpenCharly.Tests.Vms.Images;

public sealed class SidecarDigestTests
{
    private const string A = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    private const string B = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

    [Theory]
    [InlineData(A)]
    [InlineData(A + "\n")]
    [InlineData("# comment\n\n" + A + "\r\n")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA  disk.img")]
    [InlineData(B + "  other.img\n" + A + "  disk.img\n")]
    [InlineData(B + "  xdisk.img\n" + A + " *./images/disk.img\n")]
    [InlineData("SHA256 (other.img) = " + B + "\nSHA256 (disk.img) = " + A + "\n")]
    [InlineData(A + "  other.img\n" + B + "  another.img\n")]
    public void Every_published_form_is_read(string text) => Assert.Equal(A, SidecarDigest.Find(text, "disk.img"));

    [Theory]
    [InlineData("")]
    [InlineData("<html>not found</html>")]
    [InlineData("abc  disk.img")]
    [InlineData(A + A + "  disk.img")]
    [InlineData("MD5 (disk.img) = " + A)]
    public void Anything_else_holds_no_digest(string text) => Assert.Null(SidecarDigest.Find(text, "disk.img"));
}
