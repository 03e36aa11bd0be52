using OpenCharly.Foundation;
using OpenCharly.Pods;

namespace OpenCharly.Tests.Pods;

public sealed class PodKeyTests
{
    [Fact]
    public void Names_come_from_the_key_with_dashes()
    {
        var key = PodKey.Parse("notes/lab");
        Assert.Equal("charly-notes-lab", key.Container);
        Assert.Equal("charly-notes-lab.container", key.ContainerFile);
        Assert.Equal("charly-notes-lab-pod.service", key.PodService);
        Assert.Equal("charly-notes-lab-tunnel.service", key.TunnelUnit);
        Assert.Equal("charly-notes-lab-data", key.Volume("data"));
        Assert.Equal("charly-enc-notes-lab-vault.scope", key.Scope("vault"));
        Assert.Equal("CHARLY_VOLUMES_NOTES_LAB", key.VolumesVariable);
        Assert.Equal("notes -i lab", key.Arguments);
    }

    [Theory]
    [InlineData("notes", "lab", "notes/lab")]
    [InlineData("notes/lab", null, "notes/lab")]
    [InlineData("notes", null, "notes")]
    [InlineData("wiki-pinned-2026.140.0800", null, "wiki-pinned-2026.140.0800")]
    public void Base_and_instance_are_addressed_alike(string positional, string? instance, string expected) =>
        Assert.Equal(expected, PodKey.Address(positional, instance, []).Text);

    [Theory]
    [InlineData("notes/lab", "two")]
    [InlineData("registry.example.org/acme/notes", null)]
    [InlineData("notes@sha256:abc", null)]
    [InlineData("notes:1", null)]
    [InlineData("notes", "a/b")]
    [InlineData("notes", "")]
    [InlineData("../notes", null)]
    [InlineData("-notes", null)]
    [InlineData("notes/", null)]
    [InlineData("a/b/c", null)]
    [InlineData("no tes", null)]
    public void What_can_t_be_a_key_is_refused(string positional, string? instance) =>
        Assert.Equal(Errors.PodKey, Assert.Throws<CharlyException>(() => PodKey.Address(positional, instance, [])).Code);

    [Theory]
    [InlineData("github.com/acme/desk/box/desk")]
    [InlineData("@github.com/acme/desk:2026.1.1")]
    public void A_remote_box_leads_to_box_pull(string reference)
    {
        var error = Assert.Throws<CharlyException>(() => PodKey.Address(reference, null, []));
        Assert.Equal(Errors.ImageReference, error.Code);
        Assert.Contains("charly box pull " + reference, error.Help, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_keys_with_one_container_name_are_found() => Assert.Equal("a-b", PodKey.Colliding(PodKey.Parse("a/b"), ["c", "a/b", "a-b"]));
}
