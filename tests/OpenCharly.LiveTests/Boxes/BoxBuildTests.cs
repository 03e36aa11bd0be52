using OpenCharly.Boxes;
using OpenCharly.Foundation;
using OpenCharly.LiveTests.Support;
using OpenCharly.Operations;

namespace OpenCharly.LiveTests.Boxes;

/// <summary>Boxes built by a real engine on a root file system of Debian packages, run, pushed, pulled, overlaid and cleaned up.</summary>
public sealed class BoxBuildTests(BoxesFixture boxes) : IClassFixture<BoxesFixture>
{
    private const string Web = "localhost/web:2026.200.0915";

    [LiveFact("root", "podman", "mmdebstrap", "docker-registry")]
    public async Task Three_boxes_on_Debian_packages_are_built_and_do_what_their_candies_say()
    {
        Assert.Equal(["root", "site", "tools", "web"], boxes.Built.Select(b => b.Name).Order());
        Assert.Equal("12 1000 /home/ann\n", await boxes.InAsync("localhost/root:2026.200.0915", ". /etc/os-release; echo $VERSION_ID $(id -u) $HOME"));
        Assert.Equal(
            "1.2 0 <p>\n1000 /home/ann\nctl of ann\nmode='x' \"$HOME\"|600 ann\n<p>\n<p>\ncosts $5 \"now\"\n/home/ann/web\nyes\n",
            await boxes.InAsync(Web, """
                cat /srv/web/made ~/made
                webctl
                cat ~/.config/web/settings; stat -c '|%a %U' ~/.config/web/settings
                cat /srv/web/seed/index.html /data/data/first/index.html
                echo "$WEB_TEXT"; echo "$WEB_HOME"
                bash -lc 'echo $WEB_SHELL'
                """));
        Assert.Equal("/home/ann/bin/webctl\n", await boxes.InAsync(Web, "type -P webctl"));

        // The test of older images may have taken the first one away.
        var tools = (await boxes.Images.ResolveAsync("tools")).Reference;
        Assert.StartsWith("jq-", await boxes.InAsync(tools, "jq --version"), StringComparison.Ordinal);
        if (BoxesFixture.GuestCatalog is not null) Assert.StartsWith("ripgrep ", await boxes.InAsync(tools, "rg --version"), StringComparison.Ordinal);
    }

    [LiveFact("root", "podman", "mmdebstrap", "docker-registry")]
    public async Task A_box_on_a_box_on_a_box_has_what_all_of_them_brought()
    {
        var order = boxes.Built.Select(b => b.Name).ToList();
        Assert.True(order.IndexOf("root") < order.IndexOf("web") && order.IndexOf("web") < order.IndexOf("site"), string.Join(' ', order));
        const string Site = "localhost/site:2026.200.0915";
        Assert.Equal("extra\nctl of ann\nyes\n[program:web]\n[program:extra]\n", await boxes.InAsync(Site, "cat /etc/extra.conf; webctl; echo $EXTRA; grep '^.program' /etc/supervisord.conf"));
        var image = await new InspectBox(boxes.Context).ImageAsync("site");
        Assert.Equal((Site, "supervisord", "1000 ann /home/ann"), (image.Reference, image.Labels.Init, $"{image.Labels.Uid} {image.Labels.User} {image.Labels.Home}"));
        Assert.Equal("8080 9090", string.Join(' ', image.Labels.Ports));
        Assert.Equal("extra supervisord web", string.Join(' ', image.Labels.CandyVersions.Keys.Order()));
        Assert.Equal(["web", "extra"], image.Labels.ServiceNames["supervisord"]);
        Assert.StartsWith((await boxes.LayersAsync(Web)).TrimEnd('\n', ']'), await boxes.LayersAsync(Site), StringComparison.Ordinal);
    }

    [LiveFact("root", "podman", "mmdebstrap", "docker-registry")]
    public async Task Merging_layers_changes_no_file_and_none_of_the_layers_below()
    {
        const string Site = "localhost/site:2026.200.0915";
        var (files, labels) = (await boxes.PhotographAsync(Site), (await boxes.Images.ResolveAsync("site")).Labels);
        Assert.Contains("/etc/extra.conf f", files, StringComparison.Ordinal);
        var merge = new MergeBoxes(boxes.Context);
        var request = new MergeBoxesRequest { Names = ["site"], Tag = "2026.200.0915" };
        var preview = Assert.Single(await merge.RunAsync(request with { DryRun = true }));
        var below = (await boxes.LayersAsync(Web)).TrimEnd('\n', ']');
        Assert.Equal(below.Split(' ').Length + 1, preview.Layers);
        Assert.Equal(preview.LayersBefore, (await boxes.LayersAsync(Site)).Split(' ').Length);

        var merged = Assert.Single(await merge.RunAsync(request));
        Assert.Equal((preview.Layers, preview.LayersBefore, Site), (merged.Layers, merged.LayersBefore, merged.Reference));
        Assert.True(merged.Layers < merged.LayersBefore, $"{merged.LayersBefore} layers");
        Assert.StartsWith(below, await boxes.LayersAsync(Site), StringComparison.Ordinal);
        Assert.Equal(files, await boxes.PhotographAsync(Site));
        var image = await boxes.Images.ResolveAsync("site");
        Assert.Equivalent(labels, image.Labels, strict: true);
        Assert.Equal([Site], (await boxes.Images.FindAsync(Site))!.References);
        Assert.Equal(merged.Layers, Assert.Single(await merge.RunAsync(request)).LayersBefore);
    }

    [LiveFact("root", "podman", "mmdebstrap", "docker-registry")]
    public async Task Supervisord_takes_the_configuration_that_was_made()
    {
        var text = await boxes.InAsync(Web, """
            supervisord -n -c /etc/supervisord.conf >/tmp/out 2>&1 &
            for i in {1..100}; do supervisorctl -c /etc/supervisord.conf status 2>/dev/null | grep -q RUNNING && break; sleep 0.1; done
            supervisorctl -c /etc/supervisord.conf status
            kill %1; wait
            """);
        Assert.Matches("^web +RUNNING", text);
    }

    [LiveFact("root", "podman", "mmdebstrap", "docker-registry")]
    public async Task Labels_are_read_back_as_they_were_generated()
    {
        var generated = (await new GenerateBoxes(boxes.Context).RunAsync(new GenerateBoxesRequest { Names = ["web"], Tag = "2026.200.0915", DryRun = true }))[^1];
        var read = await boxes.Images.ResolveAsync("web");
        Assert.Equal(Web, read.Reference);
        Assert.Equivalent(generated.Labels, read.Labels, strict: true);
        Assert.Equal(BoxLabelWriter.Write(generated.Labels), BoxLabelWriter.Write(read.Labels));
        foreach (var absent in (string[])["absent", "registry.example.org/absent:1"])
        {
            var error = await Assert.ThrowsAsync<CharlyException>(() => new InspectBox(boxes.Context).ImageAsync(absent));
            Assert.Equal(("ErrImageNotLocal", $"image \"{absent}\" is not available locally", $"Run 'charly box pull {absent}' to fetch it first"), (error.Code.Id, error.Message, error.Help));
        }

        Assert.Equal(("web", "localhost/web:2026.200.0915"), (await new FromBox(boxes.Context).RunAsync(Web)) is var entry ? (entry.Key, entry.Box) : default);
    }

    [LiveFact("root", "podman", "mmdebstrap", "docker-registry")]
    public async Task A_second_build_takes_every_layer_from_the_first_and_older_images_go()
    {
        var again = await new BuildBoxes(boxes.Context).RunAsync(new BuildBoxesRequest { Names = ["tools"], Tag = "2026.200.0916" });
        Assert.Equal(await boxes.LayersAsync("localhost/tools:2026.200.0915"), await boxes.LayersAsync(again.Single(b => b.Name == "tools").Reference));

        await File.WriteAllTextAsync(Path.Combine(boxes.Project, "candy/tools/charly.yml"), "candy: {version: 2026.151.0000, package: [jq], env: {NEWER: 'yes'}}\n");
        await new BuildBoxes(boxes.Context).RunAsync(new BuildBoxesRequest { Names = ["tools"], Tag = "2026.200.0917" });
        Assert.Equal("localhost/tools:2026.200.0917", (await boxes.Images.ResolveAsync("tools")).Reference);
        var clean = new CleanImages(boxes.Context);
        var gone = await clean.RunAsync(keep: 1, dryRun: true);
        Assert.Equal(["localhost/tools:2026.200.0915", "localhost/tools:2026.200.0916"], gone.Where(r => r.Contains("tools", StringComparison.Ordinal)).Order());
        Assert.Equal(gone, await clean.RunAsync(keep: 1));
        Assert.Equal(["localhost/tools:2026.200.0917"], (await boxes.Images.ListAsync()).SelectMany(i => i.References).Where(r => r.Contains("/tools:", StringComparison.Ordinal)));
        Assert.Equal(Web, (await boxes.Images.ResolveAsync("web")).Reference);
    }

    [LiveFact("root", "podman", "mmdebstrap", "docker-registry")]
    public async Task A_box_goes_to_its_registry_and_comes_back()
    {
        var pushed = (await new BuildBoxes(boxes.Context).RunAsync(new BuildBoxesRequest { Names = ["seed"], Tag = "2026.200.0915", Push = true })).Single();
        Assert.Equal(($"{boxes.Registry}/team/seed:2026.200.0915", true), (pushed.Reference, pushed.IsPushed));
        Assert.True((await boxes.RunAsync("podman", "rmi", pushed.Reference)).Succeeded);
        var error = await Assert.ThrowsAsync<CharlyException>(() => boxes.Images.ResolveAsync(pushed.Reference));
        Assert.Equal($"Run 'charly box pull {pushed.Reference}' to fetch it first", error.Help);

        var pulled = await new PullBox(boxes.Context).RunAsync("seed", "2026.200.0915");
        Assert.Equal((pushed.Reference, "seed", true), (pulled.Reference, pulled.Labels.Box, pulled.Labels.IsDataImage));
        Assert.Equal("/data/data/", pulled.Labels.Data.Single().Staging);
        var absent = await Assert.ThrowsAsync<CharlyException>(() => new PullBox(boxes.Context).RunAsync("seed", "2026.1.9"));
        Assert.Equal(Errors.ImagePull, absent.Code);
    }

    [LiveFact("root", "podman", "mmdebstrap", "docker-registry")]
    public async Task An_overlay_is_thin_has_the_labels_of_both_and_is_built_once()
    {
        var request = new BuildOverlayRequest { Key = "web/Blue", Box = "web", Tag = "2026.200.0915", Candies = ["extra", "web"] };
        var overlay = new BuildOverlay(boxes.Context);
        var first = await overlay.RunAsync(request);
        Assert.True(first.IsBuilt);
        Assert.Matches("^localhost/web-blue-overlay:[0-9a-f]{12}$", first.Image.Reference);
        Assert.Equal((Web, "extra"), (first.Base, string.Join(' ', first.Candies)));
        var labels = first.Image.Labels;
        Assert.Equal(("web", "8080 9090", "web extra"), (labels.Box, string.Join(' ', labels.Ports), string.Join(' ', labels.ServiceNames["supervisord"])));
        Assert.Equal("extra\nyes\n1000\n[program:web]\n[program:extra]\n", await boxes.InAsync(first.Image.Reference, "cat /etc/extra.conf; echo $EXTRA; id -u; grep '^.program' /etc/supervisord.conf"));

        var second = await overlay.RunAsync(request);
        Assert.Equal((false, first.Image.Id, "extra"), (second.IsBuilt, second.Image.Id, string.Join(' ', second.Candies)));
        Assert.Equal(first.Image.Reference, (await overlay.RunAsync(request with { Candies = ["web", "extra", "web"] })).Image.Reference);
        Assert.True(await overlay.RemoveAsync(first.Image.Reference));
        Assert.False(await overlay.RemoveAsync(first.Image.Reference));
    }

    [LiveFact("root", "podman", "mmdebstrap", "docker-registry")]
    public async Task A_step_that_fails_is_told_with_what_it_printed_and_makes_no_image()
    {
        var folder = Path.Combine(boxes.Project, "candy/broken");
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "charly.yml"), "candy: {version: 2026.150.0900, task: [{cmd: \"echo it went wrong; exit 7\"}]}\n");
        Directory.CreateDirectory(Path.Combine(boxes.Project, "box/broken"));
        await File.WriteAllTextAsync(Path.Combine(boxes.Project, "box/broken/charly.yml"), "box: {base: root, candy: [broken]}\n");
        var error = await Assert.ThrowsAsync<CharlyException>(() => new BuildBoxes(boxes.Context).RunAsync(new BuildBoxesRequest { Names = ["broken"], Tag = "2026.200.0915" }));
        Assert.Equal((Errors.ImageBuild, "broken"), (error.Code, error.Target));
        Assert.Contains("it went wrong", error.Message, StringComparison.Ordinal);
        Assert.Null(await boxes.Images.FindAsync("localhost/broken:2026.200.0915"));
    }
}
