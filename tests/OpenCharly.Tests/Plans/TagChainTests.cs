using OpenCharly.Plans;

namespace OpenCharly.Tests.Plans;

public sealed class TagChainTests
{
    [Theory]
    [InlineData("ID=debian\nVERSION_ID=\"13\"\n", "debian:13 debian deb")]
    [InlineData("ID=debian\n", "debian deb")]
    [InlineData("ID=ubuntu\nID_LIKE=debian\nVERSION_ID=\"24.04\"", "ubuntu:24.04 ubuntu deb")]
    [InlineData("ID=fedora\nVERSION_ID=43\n", "fedora:43 fedora rpm")]
    [InlineData("ID=\"rocky\"\nVERSION_ID='9.5'\nID_LIKE=\"rhel centos fedora\"", "rocky:9.5 rocky fedora rpm")]
    [InlineData("ID=arch\n", "arch pac")]
    [InlineData("ID=cachyos\nID_LIKE=arch\n", "cachyos arch pac")]
    [InlineData("ID=manjaro\nID_LIKE=arch\n", "manjaro arch pac")]
    [InlineData("ID=linuxmint\nVERSION_ID=22\nID_LIKE=\"ubuntu debian\"\n", "linuxmint:22 linuxmint ubuntu deb")]
    [InlineData("ID=ol\nVERSION_ID=9\nID_LIKE=\"fedora\"\n", "ol:9 ol fedora rpm")]
    [InlineData("ID=alpine\nVERSION_ID=3.20\n", "alpine:3.20 alpine")]
    [InlineData("", "")]
    public void A_system_is_known_by_these_tags(string osRelease, string tags)
    {
        var chain = TagChain.For(OsRelease.Parse(osRelease));
        Assert.Equal(tags, string.Join(' ', chain.Tags));
        Assert.Equal(tags.Split(' ')[^1] is "deb" or "rpm" or "pac" ? tags.Split(' ')[^1] : null, chain.Format);
    }

    [Theory]
    [InlineData("debian:13", "debian:13 debian deb")]
    [InlineData("ubuntu-24.04", "ubuntu:24.04 ubuntu deb")]
    [InlineData("cachyos", "cachyos arch pac")]
    [InlineData("opensuse-leap", "opensuse-leap")]
    public void A_system_that_was_never_asked_is_known_by_its_name(string distro, string tags) =>
        Assert.Equal(tags, string.Join(' ', TagChain.ForDistro(distro).Tags));

    [Fact]
    public void The_chain_of_a_box_gains_ancestors_and_format()
    {
        Assert.Equal(["cachyos", "arch", "pac"], TagChain.Expand(["cachyos"]).Tags);
        Assert.Equal(["fedora:43", "fedora", "rpm"], TagChain.Expand(["fedora:43", "fedora"]).Tags);
    }

    [Fact]
    public void Comments_and_escapes_of_os_release_are_understood()
    {
        var release = OsRelease.Parse("# ID=no\nID=\"de\\bian\"\nID_LIKE='a  B'\n\nVERSION_ID=\n");
        Assert.Equal("debian", release.Id);
        Assert.Equal(["a", "b"], release.Like);
        Assert.Equal("", release.VersionId);
    }
}
