using OpenCharly.Boxes;
using OpenCharly.Foundation;
using OpenCharly.Operations;
using OpenCharly.Tests.Plans;

namespace OpenCharly.Tests.Boxes;

public sealed class BoxOperationTests : BoxLab
{
    private const string Two = SampleBoxes.Head + """
        == box/base/charly.yml
        box: {base: "registry.example.org/debian:13", distro: [debian:13, debian], build: deb}
        == box/web/charly.yml
        box: {base: base, version: 2026.200.0001}
        """;

    private static string Inspected(string box) => EngineStub.List(EngineStub.Image("0123456789abcdef", [$"localhost/{box}:1"], ("version", "2026.200.0001"), ("box", box)));

    [Fact]
    public async Task Bases_are_built_first_from_files_that_are_on_disk()
    {
        Write(Two);
        Engine = new EngineStub(("podman image inspect", 0, Inspected("web")));
        var built = await new BuildBoxes(Context).RunAsync(new BuildBoxesRequest { Names = ["web"], Tag = "2026.200.0915", StageJobs = 3, Platforms = ["linux/arm64"] });
        Assert.Equal(
            [
                $"podman build --file {Project}/.build/base/Containerfile --tag localhost/base:2026.200.0915 --platform linux/arm64 --jobs 3 {Project}",
                "podman image inspect localhost/base:2026.200.0915",
                $"podman build --file {Project}/.build/web/Containerfile --tag localhost/web:2026.200.0915 --platform linux/arm64 --jobs 3 {Project}",
                "podman image inspect localhost/web:2026.200.0915",
            ],
            Engine.Calls);
        Assert.Equal(["base", "web"], built.Select(b => b.Name));
        Assert.Contains("ARG BASE_IMAGE=localhost/base:2026.200.0915\n", await File.ReadAllTextAsync(Path.Combine(Project, ".build/web/Containerfile")), StringComparison.Ordinal);
        Assert.Equal("# made by charly box generate; a file without this line is left alone\n.git\nbin\ncharly\n*.md\n", await File.ReadAllTextAsync(Path.Combine(Project, ".containerignore")));
    }

    [Fact]
    public async Task Several_platforms_are_a_list_that_is_pushed_as_a_whole_without_a_certificate_to_this_machine()
    {
        Write(SampleBoxes.Head + "defaults: {registry: \"127.0.0.1:5000/team\"}\n== box/base/charly.yml\nbox: {base: \"registry.example.org/debian:13\", distro: debian:13, build: deb, version: 2026.1.1, tag: fixed}\n");
        await new BuildBoxes(Context).RunAsync(new BuildBoxesRequest { Push = true, Platforms = ["linux/amd64", "linux/arm64"], Cache = "registry" });
        const string Reference = "127.0.0.1:5000/team/base:fixed";
        Assert.Equal(
            [
                $"podman build --file {Project}/.build/base/Containerfile --manifest {Reference} --platform linux/amd64,linux/arm64 --layers --cache-from 127.0.0.1:5000/team/base-cache --cache-to 127.0.0.1:5000/team/base-cache {Project}",
                $"podman manifest push --all --tls-verify=false {Reference} docker://{Reference}",
            ],
            Engine.Calls);
    }

    public static TheoryData<BuildBoxesRequest, string> Refused() => new()
    {
        { new BuildBoxesRequest { Names = ["web"], Push = true }, "usage" },
        { new BuildBoxesRequest { Names = ["wbe"] }, "REF002" },
        { new BuildBoxesRequest { Tag = "a b" }, "image.reference" },
        { new BuildBoxesRequest { Tag = "--all" }, "image.reference" },
        { new BuildBoxesRequest { Cache = "attic" }, "usage" },
        { new BuildBoxesRequest { Cache = "gha" }, "usage" },
        { new BuildBoxesRequest { Cache = "registry" }, "usage" },
        { new BuildBoxesRequest { Jobs = 0 }, "usage" },
        { new BuildBoxesRequest { Platforms = ["linux"] }, "usage" },
        { new BuildBoxesRequest { Platforms = ["linux/$(id)"] }, "usage" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task What_can_not_be_built_is_refused_before_anything_is_written(BuildBoxesRequest request, string code)
    {
        Write(Two);
        var before = Photograph();
        var error = await Assert.ThrowsAnyAsync<CharlyException>(() => new BuildBoxes(Context).RunAsync(request));
        Assert.Equal(code, error.Code.Id);
        Assert.NotEmpty(error.Help);
        Assert.Equal(before, Photograph());
        Assert.Empty(Engine.Calls);
    }

    [Fact]
    public async Task Without_an_engine_nothing_is_written()
    {
        Write(Two);
        var before = Photograph();
        Engine = new EngineStub { Missing = { "podman", "docker" } };
        Assert.Equal(Errors.ToolMissing, (await Assert.ThrowsAsync<CharlyException>(() => new BuildBoxes(Context).RunAsync(new BuildBoxesRequest()))).Code);
        Assert.Equal(before, Photograph());
    }

    [Fact]
    public async Task A_failed_build_is_told_with_its_last_lines_and_what_stands_on_it_is_not_tried()
    {
        Write(Two);
        Engine = new EngineStub(("podman build", 125, "STEP 4: RUN x\nit went wrong\nError: exit status 7"));
        var error = await Assert.ThrowsAsync<CharlyException>(() => new BuildBoxes(Context).RunAsync(new BuildBoxesRequest { Names = ["web"] }));
        Assert.Equal((Errors.ImageBuild, "base"), (error.Code, error.Target));
        Assert.Contains("it went wrong", error.Message, StringComparison.Ordinal);
        Assert.Single(Engine.Calls);
    }

    [Fact]
    public async Task A_registry_that_does_not_take_an_image_is_told_with_the_last_lines_and_the_image_stays()
    {
        Write(SampleBoxes.Head + "defaults: {registry: \"127.0.0.1:5000/team\"}\n== box/base/charly.yml\nbox: {base: \"registry.example.org/debian:13\", distro: debian:13, build: deb, version: 2026.1.1, tag: fixed}\n");
        Engine = new EngineStub(("podman image inspect", 0, Inspected("base")), ("podman push", 125, "trying\nError: authentication required"));
        var error = await Assert.ThrowsAsync<CharlyException>(() => new BuildBoxes(Context).RunAsync(new BuildBoxesRequest { Push = true }));
        Assert.Equal((Errors.ImagePush, "127.0.0.1:5000/team/base:fixed"), (error.Code, error.Target));
        Assert.Contains("authentication required", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Engine.Calls, c => c.StartsWith("podman rmi", StringComparison.Ordinal) || c.StartsWith("podman image rm", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("box: {base: absent, distro: debian, build: deb}", "BOX001", 13)]
    [InlineData("box: {base: \"registry.example.org/x:1\", build: deb}", "BOX003", 13)]
    [InlineData("box: {base: \"registry.example.org/x:1\", distro: debian, build: deb, candy: [absent]}", "REF002", 77)]
    [InlineData("box: {base: \"registry.example.org/x:1\", distro: debian, build: deb, uid: many}", "yaml.type", 74)]
    [InlineData("box: {base: \"registry.example.org/x:1\", distro: debian, build: deb, env: [\"a b=c\"]}", "CND009", 74)]
    [InlineData("box: {base: \"registry.example.org/x:1\", distro: debian, build: deb, env_file: none}", "file.not_found", 79)]
    [InlineData("box: {from: \"builder:debootstrap\", distro: fedora:43, build: rpm}", "BOX002", 13)]
    public async Task What_is_wrong_with_a_box_is_told_with_its_place_and_nothing_is_written(string text, string code, int column)
    {
        Write(SampleBoxes.Head + "== box/odd/charly.yml\n" + text + "\n");
        var before = Photograph();
        var error = await Assert.ThrowsAnyAsync<CharlyException>(() => new GenerateBoxes(Context).RunAsync(new GenerateBoxesRequest { Names = ["odd"] }));
        Assert.Equal((code, column, 1), (error.Code.Id, error.Position!.Column, error.Position.Line));
        Assert.EndsWith("box/odd/charly.yml", error.Position.File, StringComparison.Ordinal);
        Assert.Equal(before, Photograph());
    }

    [Fact]
    public async Task An_ignore_file_that_somebody_wrote_is_left_alone()
    {
        Write(Two + "\n== .dockerignore\nmine\n");
        await new GenerateBoxes(Context).RunAsync(new GenerateBoxesRequest());
        Assert.Equal("mine\n", await File.ReadAllTextAsync(Path.Combine(Project, ".dockerignore")));
    }

    [Fact]
    public async Task Pulling_a_box_asks_its_registry_for_the_tag_that_is_meant()
    {
        Write(SampleBoxes.Head + "== box/web/charly.yml\nbox: {base: \"registry.example.org/debian:13\", distro: debian, build: deb, version: 2026.200.0001, registry: registry.example.org/team}\n== box/own/charly.yml\nbox: {base: \"registry.example.org/debian:13\", distro: debian, build: deb}\n");
        Engine = new EngineStub(("podman image inspect", 0, Inspected("web")));
        await new PullBox(Context).RunAsync("web");
        await new PullBox(Context).RunAsync("web", "2026.1.1");
        await new PullBox(Context).RunAsync("registry.example.org/other/x:7");
        Assert.Equal(
            ["podman pull registry.example.org/team/web:2026.200.0001", "podman pull registry.example.org/team/web:2026.1.1", "podman pull registry.example.org/other/x:7"],
            Engine.Calls.Where(c => c.StartsWith("podman pull", StringComparison.Ordinal)));
        Assert.Equal(Errors.ImageReference, (await Assert.ThrowsAsync<CharlyException>(() => new PullBox(Context).RunAsync("own"))).Code);
        Assert.Equal(Errors.RefNotFound, (await Assert.ThrowsAsync<CharlyException>(() => new PullBox(Context).RunAsync("wbe"))).Code);
        Assert.Equal(Errors.Usage, (await Assert.ThrowsAsync<CharlyException>(() => new PullBox(Context).RunAsync("registry.example.org/x:1", "2"))).Code);
    }

    [Fact]
    public async Task A_pull_that_fails_and_an_image_that_is_no_box_have_codes_of_their_own()
    {
        Engine = new EngineStub(("podman pull", 125, "Error: manifest unknown"));
        Assert.Equal(Errors.ImagePull, (await Assert.ThrowsAsync<CharlyException>(() => new PullBox(Context).RunAsync("registry.example.org/x:1"))).Code);
        Engine = new EngineStub(("podman image inspect", 0, EngineStub.List(EngineStub.Image("a", ["registry.example.org/x:1"]))));
        Assert.Equal(Errors.ImageMetadata, (await Assert.ThrowsAsync<CharlyException>(() => new PullBox(Context).RunAsync("registry.example.org/x:1"))).Code);
    }

    [Fact]
    public async Task Older_images_go_but_none_that_a_container_an_entry_or_a_deployment_needs()
    {
        Write(SampleBoxes.Head);
        WriteHost("version: 2026.163.0928\ndeploy:\n  pinned: {box: web, tag: 2026.100.0003}\n");
        var images = Enumerable.Range(1, 6).Select(i => EngineStub.Image($"id{i}", [$"localhost/web:2026.100.000{i}"], ("version", $"2026.100.000{i}"), ("box", "web")))
            .Append(EngineStub.Image("over", ["localhost/pinned-overlay:abc"], ("version", "2026.100.0000"), ("box", "web")));
        Engine = new EngineStub(("podman images", 0, EngineStub.List([.. images])), ("podman ps", 0, "id2\n"));
        var gone = await new CleanImages(Context).RunAsync(keep: 2);
        Assert.Equal(["localhost/web:2026.100.0001", "localhost/web:2026.100.0004"], gone);
        Assert.Equal(gone.Select(g => "podman rmi " + g), Engine.Calls.Where(c => c.StartsWith("podman rmi", StringComparison.Ordinal)));
        Assert.Equal(Errors.Usage, (await Assert.ThrowsAsync<CharlyException>(() => new CleanImages(Context).RunAsync(keep: -1))).Code);
    }

    [Fact]
    public async Task Images_go_also_in_the_engine_that_a_pod_chooses_and_one_that_does_not_answer_keeps_nothing_of_the_other()
    {
        const string Docker = """{"Id":"sha256:NN","RepoTags":["localhost/web:2026.100.000NN"],"Config":{"Labels":{"ai.opencharly.version":"2026.100.000NN","ai.opencharly.box":"web"}}}""";
        Write(SampleBoxes.Head);
        var podman = EngineStub.List([.. Enumerable.Range(1, 2).Select(i => EngineStub.Image($"id{i}", [$"localhost/web:2026.100.000{i}"], ("version", $"2026.100.000{i}"), ("box", "web")))]);
        Engine = new EngineStub(
            ("podman images", 0, podman), ("docker images", 0, "sha256:2\nsha256:3\n"),
            ("docker image inspect", 0, "[" + Docker.Replace("NN", "2", StringComparison.Ordinal) + "," + Docker.Replace("NN", "3", StringComparison.Ordinal) + "]"));
        Assert.Equal(["localhost/web:2026.100.0001"], await new CleanImages(Context).RunAsync(keep: 1));
        Assert.DoesNotContain(Engine.Calls, c => c.StartsWith("docker", StringComparison.Ordinal));

        WriteHost("version: 2026.163.0928\ndeploy:\n  whale: {box: web, engine: docker}\n");
        Assert.Equal(["localhost/web:2026.100.0001", "localhost/web:2026.100.0002"], await new CleanImages(Context).RunAsync(keep: 1));
        Assert.Contains("docker rmi localhost/web:2026.100.0002", Engine.Calls);

        Engine = new EngineStub(("podman images", 0, podman), ("docker", 1, "Cannot connect to the Docker daemon"));
        Assert.Equal(["localhost/web:2026.100.0001"], await new CleanImages(Context).RunAsync(keep: 1));
    }

    [Fact]
    public void The_tag_of_an_overlay_is_that_of_its_base_and_candies_in_any_order()
    {
        var tag = OverlayGenerator.TagOf("Web/Blue", "registry.example.org/web:1", ["b", "a"]);
        Assert.Equal("web-blue-overlay:", tag[..17]);

        // printf 'registry.example.org/web:1\0a\0b\0' | sha256sum
        var expected = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("registry.example.org/web:1\0a\0b\0"u8))[..12];
        Assert.Equal(expected, tag[17..]);
        Assert.Equal(tag, OverlayGenerator.TagOf("Web/Blue", "registry.example.org/web:1", ["a", "b", "a"]));
        Assert.NotEqual(tag, OverlayGenerator.TagOf("Web/Blue", "registry.example.org/web:2", ["a", "b"]));
    }

    [Fact]
    public async Task An_overlay_adds_what_the_base_does_not_have_and_keeps_its_user()
    {
        Write(SampleBoxes.Files);
        var labels = (await GenerateAsync("base"))[^1].Labels;
        var image = new BoxImage("localhost/base:1", "id", labels, DateTimeOffset.UnixEpoch, 1);
        var project = await BoxProject.LoadAsync(Context, CancellationToken.None);
        var candies = new[] { "supervisord", "shelltools", "web" }.Select(n => project.Project.Candies.Find(n)!).ToList();
        var box = new OverlayGenerator(Project).Generate("web/blue", image, "1000", ["web"], candies, labels.BuildersUsed);
        Golden.Check("overlay.Containerfile", box.Text);
        Assert.Contains("supervisord is in localhost/base:1 already", box.Warnings);
        Assert.Equal(["shelltools", "supervisord", "web"], box.Labels.CandyVersions.Keys.Order());
        Assert.Equal("charly-base-data", box.Labels.Volumes.Single().Name);
    }

    [Fact]
    public async Task From_an_image_alone_its_deployment_has_a_key_and_a_full_reference()
    {
        Engine = new EngineStub(("podman image inspect", 0, Inspected("web")));
        var entry = await new FromBox(Context).RunAsync("registry.example.org/team/web:1");
        Assert.Equal(("web", "registry.example.org/team/web:1", "web"), (entry.Key, entry.Box, entry.Image.Labels.Box));
        Assert.Equal("wiki/blue", (await new FromBox(Context).RunAsync("registry.example.org/team/web:1", "wiki", "blue")).Key);
        Assert.Equal(Errors.BadName, (await Assert.ThrowsAsync<CharlyException>(() => new FromBox(Context).RunAsync("registry.example.org/team/web:1", "a/b/c"))).Code);
        Engine = new EngineStub(("podman image inspect", 125, "no such image"));
        Assert.Equal("ErrImageNotLocal", (await Assert.ThrowsAsync<CharlyException>(() => new FromBox(Context).RunAsync("registry.example.org/team/web:1"))).Code.Id);
    }

    [Theory]
    [InlineData("2g", "1g", "256m", "1g", "1g", "1g")]
    [InlineData("1g", null, "1.5 lemons", "512m", "1g", "512m")]
    public void Of_limits_the_tightest_counts_of_shared_memory_the_largest(string a, string? b, string shmA, string shmB, string memory, string shm)
    {
        var all = SecurityMerge.OfCandies([new() { MemoryMax = a, ShmSize = shmA, CapAdd = ["A"], IpcMode = "private" }, null, new() { MemoryMax = b, ShmSize = shmB, CapAdd = ["B", "A"], Privileged = true, IpcMode = "host" }])!;
        Assert.Equal((memory, shm, "A B", true, "host"), (all.MemoryMax, all.ShmSize, string.Join(' ', all.CapAdd), all.Privileged, all.IpcMode));
        Assert.Equal("9g", SecurityMerge.Over(all, new() { MemoryMax = "9g" })!.MemoryMax);
        Assert.Null(SecurityMerge.OfCandies([null]));
    }
}
