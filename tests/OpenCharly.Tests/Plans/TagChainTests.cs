using OpenCharly.Model;
using OpenCharly.Plans;
using OpenCharly.Tests.Model;

namespace OpenCharly.Tests.Plans;

public sealed class TagChainTests : ProjectFixture
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

    [Theory]
    [InlineData("ID=omarchy\nID_LIKE=arch", "omarchy arch pac", "pac")]
    [InlineData("ID=deepin\nVERSION_ID=25\nID_LIKE=debian", "deepin:25 deepin deb", "deb")]
    [InlineData("ID=ubuntu\nVERSION_ID=24.04", "ubuntu:24.04 ubuntu debian deb", "deb")]
    [InlineData("ID=ultramarine\nVERSION_ID=42", "ultramarine:42 ultramarine rpm", "rpm")]
    [InlineData("ID=round", "round robin", null)]
    [InlineData("ID=cachyos", "cachyos arch pac", "pac")]
    [InlineData("ID=debian\nVERSION_ID=13", "debian:13 debian deb", "deb")]
    public async Task A_project_may_teach_more_distributions(string osRelease, string tags, string? format)
    {
        Write("charly.yml", """
            version: 2026.163.0928
            distro:
              omarchy: {inherits: arch, inherit_packages: true}
              deepin: {inherits: debian}
              ubuntu: {inherits: debian, inherit_packages: yes}
              ultramarine: {format: {copr-only: {secondary: true}, rpm: {}}}
              round: {inherits: robin, inherit_packages: true}
              robin: {inherits: round, inherit_packages: true}
              cachyos: {base_user: {name: ada}}
            """);
        var vocabulary = DistroVocabulary.Of(await LoadAsync());
        var chain = TagChain.For(OsRelease.Parse(osRelease), vocabulary);
        Assert.Equal(tags, string.Join(' ', chain.Tags));
        Assert.Equal(format, chain.Format);
        Assert.Equal(chain.Tags[^1], TagChain.Expand(chain.Tags, vocabulary).Tags[^1]);
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
