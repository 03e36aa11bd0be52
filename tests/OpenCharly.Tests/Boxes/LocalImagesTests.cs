using OpenCharly.Boxes;
using OpenCharly.Foundation;

namespace OpenCharly.Tests.Boxes;

public sealed class LocalImagesTests
{
    [Fact]
    public async Task An_image_with_several_names_is_one_image()
    {
        string[] names = ["localhost/web:2026.100.0001", "localhost/web:2026.100.0002"];
        var twice = EngineStub.Image("one", names, ("version", "2026.100.0001"), ("box", "web"));
        var images = new LocalImages(new ContainerEngine(new EngineStub(("podman images", 0, EngineStub.List(twice, twice))), "podman"));
        Assert.Equal(names, Assert.Single(await images.ListAsync()).References);
    }

    [Fact]
    public async Task A_short_name_is_the_newest_version_that_an_image_says()
    {
        var (images, engine) = Store(
            EngineStub.Image("a", ["localhost/notes:2026.300.0000"], ("version", "2026.100.0000"), ("box", "notes")),
            EngineStub.Image("b", ["registry.example.org/notes:2026.200.0000"], ("version", "2026.201.0000"), ("box", "notes")),
            EngineStub.Image("c", ["localhost/other:2026.400.0000"], ("version", "2026.400.0000"), ("box", "other")));
        var found = await images.ResolveAsync("notes");
        Assert.Equal(("registry.example.org/notes:2026.200.0000", "b", "2026.201.0000"), (found.Reference, found.Id, found.Labels.Version));
        Assert.Equal(["podman images --format json"], engine.Calls);
    }

    [Fact]
    public async Task Of_equal_versions_the_newest_tag_wins_then_the_repository_of_that_name_then_the_text()
    {
        var same = ("version", "2026.100.0000");
        var (images, _) = Store(
            EngineStub.Image("a", ["localhost/zz:2026.300.0001", "localhost/notes:2026.300.0000", "localhost/notes:2026.300.0001", "localhost/aa:2026.300.0001"], same, ("box", "notes")));
        Assert.Equal("localhost/notes:2026.300.0001", (await images.ResolveAsync("notes")).Reference);
    }

    [Fact]
    public async Task Versions_are_compared_as_numbers()
    {
        var (images, _) = Store(
            EngineStub.Image("a", ["localhost/notes:9"], ("version", "2026.99.0"), ("box", "notes")),
            EngineStub.Image("b", ["localhost/notes:10"], ("version", "2026.100.0"), ("box", "notes")));
        Assert.Equal("b", (await images.ResolveAsync("notes")).Id);
    }

    [Theory]
    [InlineData("notes:2026.100.0000", null)]
    [InlineData("notes", "2026.100.0000")]
    public async Task A_tag_pins(string name, string? tag)
    {
        var (images, _) = Store(
            EngineStub.Image("a", ["localhost/notes:2026.100.0000"], ("version", "2026.100.0000"), ("box", "notes")),
            EngineStub.Image("b", ["localhost/notes:2026.200.0000"], ("version", "2026.200.0000"), ("box", "notes")));
        Assert.Equal("a", (await images.ResolveAsync(name, tag)).Id);
    }

    [Fact]
    public async Task An_image_that_does_not_say_its_box_goes_by_the_last_part_of_its_repository()
    {
        var (images, _) = Store(EngineStub.Image("a", ["registry.example.org/team/notes:1"], ("version", "2026.100.0000")));
        Assert.Equal("a", (await images.ResolveAsync("notes")).Id);
    }

    [Fact]
    public async Task Several_repositories_without_any_version_are_ambiguous()
    {
        var (images, _) = Store(
            EngineStub.Image("a", ["localhost/notes:x"], ("version", "new"), ("box", "notes")),
            EngineStub.Image("b", ["registry.example.org/notes:x"], ("version", "new"), ("box", "notes")));
        var error = await Assert.ThrowsAsync<CharlyException>(() => images.ResolveAsync("notes"));
        Assert.Equal(Errors.ImageAmbiguous, error.Code);
        Assert.Equal("\"notes\" may be any of localhost/notes:x, registry.example.org/notes:x", error.Message);
    }

    [Theory]
    [InlineData("notes", null, "notes")]
    [InlineData("notes", "2026.1.1", "notes:2026.1.1")]
    [InlineData("notes:7", null, "notes:7")]
    [InlineData("registry.example.org/notes:1", null, "registry.example.org/notes:1")]
    [InlineData("notes@sha256:abc", null, "notes@sha256:abc")]
    public async Task What_is_not_in_storage_is_named_with_the_command_that_brings_it(string name, string? tag, string told)
    {
        var engine = new EngineStub(("podman images", 0, "[]"), ("podman image inspect", 125, "Error: inspecting object: registry.example.org/notes:1: image not known"));
        var error = await Assert.ThrowsAsync<CharlyException>(() => new LocalImages(new ContainerEngine(engine, "podman")).ResolveAsync(name, tag));
        Assert.Equal("ErrImageNotLocal", error.Code.Id);
        Assert.Equal(ErrorKind.WrongState, error.Code.Kind);
        Assert.Equal($"image \"{told}\" is not available locally", error.Message);
        Assert.Equal($"Run 'charly box pull {told}' to fetch it first", error.Help);
        Assert.DoesNotContain(engine.Calls, c => c.Contains("pull", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_image_of_that_name_that_is_no_box_is_told_as_such()
    {
        var (images, _) = Store(EngineStub.Image("a", ["localhost/notes:1"]));
        var error = await Assert.ThrowsAsync<CharlyException>(() => images.ResolveAsync("notes"));
        Assert.Equal(Errors.ImageMetadata, error.Code);
        Assert.Equal("image localhost/notes:1 has no embedded metadata; rebuild it", error.Message);
    }

    [Theory]
    [InlineData("@host.example.org/o/r/box/n:1")]
    [InlineData("github.com/o/r/box/n")]
    public async Task A_repository_is_sent_to_box_pull(string name)
    {
        var (images, engine) = Store();
        var error = await Assert.ThrowsAsync<CharlyException>(() => images.ResolveAsync(name));
        Assert.Equal(Errors.ImageReference, error.Code);
        Assert.Contains($"charly box pull {name}", error.Help, StringComparison.Ordinal);
        Assert.Empty(engine.Calls);
    }

    [Theory]
    [InlineData("")]
    [InlineData("--all")]
    [InlineData("a b")]
    [InlineData("a\nb")]
    [InlineData("$(id)")]
    [InlineData("../x")]
    public async Task What_can_not_name_an_image_never_reaches_the_engine(string name)
    {
        var (images, engine) = Store();
        Assert.Equal(Errors.ImageReference, (await Assert.ThrowsAsync<CharlyException>(() => images.ResolveAsync(name))).Code);
        Assert.Empty(engine.Calls);
    }

    [Fact]
    public async Task Docker_is_asked_image_by_image()
    {
        var engine = new EngineStub(
            ("docker images", 0, "sha256:a\nsha256:a\n"),
            ("docker image inspect sha256:a", 0, """[{"Id":"sha256:a","RepoTags":["notes:1"],"Created":"2026-01-02T03:04:05.6Z","Size":7,"Config":{"Labels":{"ai.opencharly.version":"2026.1.1","ai.opencharly.box":"notes"}}}]"""));
        var found = await new LocalImages(new ContainerEngine(engine, "docker")).ResolveAsync("notes");
        Assert.Equal(("notes:1", "a", 7L, 2026), (found.Reference, found.Id, found.Size, found.Created.Year));
    }

    [Fact]
    public async Task An_engine_that_is_missing_or_refuses_is_named()
    {
        var refusing = new EngineStub(("podman images", 125, "Error: storage is broken"));
        var error = await Assert.ThrowsAsync<CharlyException>(() => new LocalImages(new ContainerEngine(refusing, "podman")).ResolveAsync("notes"));
        Assert.Equal(Errors.ImageEngine, error.Code);
        Assert.Contains("storage is broken", error.Message, StringComparison.Ordinal);
        var absent = new EngineStub { Missing = { "podman" } };
        Assert.Equal(Errors.ToolMissing, (await Assert.ThrowsAsync<CharlyException>(() => new LocalImages(new ContainerEngine(absent, "podman")).ListAsync())).Code);
    }

    private static (LocalImages Images, EngineStub Engine) Store(params string[] images)
    {
        var engine = new EngineStub(("podman images", 0, EngineStub.List(images)));
        return (new LocalImages(new ContainerEngine(engine, "podman")), engine);
    }
}
