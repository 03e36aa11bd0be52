using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Tests.Model;

public sealed class CandyGraphTests : ProjectFixture
{
    private static readonly SourcePosition Somewhere = new("charly.yml", 1, 1);

    private static Candy Candy(string name, string require = "", string members = "", bool isMere = false) => new()
    {
        Name = name,
        Folder = "/" + name,
        SourceFolder = "/" + name,
        ProjectFolder = "/",
        Position = Somewhere,
        Require = [.. require.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(r => new SourcedText(r, Somewhere))],
        Members = [.. members.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(r => new SourcedText(r, Somewhere))],
        HasOwnContent = !isMere,
    };

    private static string Order(string roots, Candy[] candies, CandyGraphOptions? options = null, ICollection<Problem>? warnings = null)
    {
        var all = candies.ToDictionary(c => c.Name);
        return string.Join(' ', CandyGraph.Order([.. roots.Split(' ').Select(r => all[r])], (r, _) => all[r.Text], options ?? new(), warnings).Select(c => c.Name));
    }

    [Fact]
    public void Required_candies_come_first_and_ties_go_by_the_alphabet() =>
        Assert.Equal("b c a z", Order("z a", [Candy("z"), Candy("a", "c b"), Candy("b"), Candy("c")]));

    [Fact]
    public void A_mere_composition_gives_only_its_members_and_stands_for_all_of_them() =>
        Assert.Equal("x y app", Order("app", [Candy("app", "set"), Candy("set", members: "x y", isMere: true), Candy("x"), Candy("y")]));

    [Fact]
    public void A_composition_with_content_comes_after_its_members() =>
        Assert.Equal("x y set", Order("set", [Candy("set", members: "y x"), Candy("x", ""), Candy("y", "x")]));

    [Fact]
    public void The_authored_order_of_members_counts_where_it_contradicts_nothing()
    {
        Assert.Equal("z m a", Order("set", [Candy("set", members: "z m a", isMere: true), Candy("a"), Candy("m"), Candy("z")]));
        Assert.Equal("a z m", Order("set", [Candy("set", members: "z m a", isMere: true), Candy("a"), Candy("m"), Candy("z", "a")]));
    }

    [Fact]
    public void The_order_of_a_boxs_list_counts_as_authored()
    {
        Candy[] all = [Candy("a"), Candy("b")];
        Assert.Equal("a b", Order("b a", all));
        Assert.Equal("b a", Order("b a", all, new() { ListName = "shop" }));
    }

    [Fact]
    public void Supervisord_is_left_out_where_systemd_runs()
    {
        Candy[] all = [Candy("web", "supervisord"), Candy("supervisord", "python"), Candy("python")];
        Assert.Equal("python supervisord web", Order("web", all));
        Assert.Equal("python web", Order("web", all, new() { IsSystemd = true }));
    }

    [Fact]
    public void What_the_base_has_is_left_out() =>
        Assert.Equal("web", Order("web", [Candy("web", "python"), Candy("python")], new() { Present = new HashSet<string> { "python" } }));

    [Theory]
    [InlineData("b", "", "a", "", "a -> b -> a")]
    [InlineData("", "b", "", "a", "a -> b -> a")]
    public void A_cycle_is_printed_as_a_chain(string aRequires, string aMembers, string bRequires, string bMembers, string chain)
    {
        var error = Assert.Throws<CharlyException>(() => Order("a", [Candy("a", aRequires, aMembers), Candy("b", bRequires, bMembers)]));
        Assert.Equal(Errors.CandyCycle, error.Code);
        Assert.Contains(chain, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_newest_version_of_a_remote_candy_wins_with_one_warning()
    {
        var old = Candy("x") with { Repository = "h/o/r@1", Version = "2026.001.0000", Folder = "/1", Require = [new("gone", Somewhere)] };
        var now = Candy("x") with { Repository = "h/o/r@2", Version = "2026.002.0000", Folder = "/2" };
        var warnings = new List<Problem>();
        var order = CandyGraph.Order([old, now], (_, _) => Candy("gone"), new(), warnings);
        Assert.Equal("/2", Assert.Single(order, c => c.Name == "x").Folder);
        Assert.Single(warnings);
        var other = now with { Repository = "h/o/other@1" };
        Assert.Equal(Errors.CandyMember, Assert.Throws<CharlyException>(() => CandyGraph.Order([old, other], (_, _) => old, new())).Code);
    }

    [Theory]
    [InlineData("sshd", "sshd")]
    [InlineData("web-layer", "supervisord web-layer")]
    [InlineData("agent-forwarding", "gnupg direnv ssh-client")]
    [InlineData("selkies-kde-desktop", "ffmpeg nodejs pixi python supervisord chrome-devtools-mcp dbus kde-shell pipewire chrome chrome-cdp desktop-fonts selkies wl-tools wl-screenshot-pixelflux wl-overlay wl-record-pixelflux a11y-tools xterm tmux asciinema fastfetch sshd selkies-core kde-selkies")]
    [InlineData("immich", "ffmpeg nodejs postgresql redis supervisord immich")]
    [InlineData("chrome-cdp", "chrome nodejs supervisord chrome-devtools-mcp chrome-cdp")]
    [InlineData("openclaw-full-ml", "golang nodejs nvidia pixi python rust socat supervisord openclaw claude-code codex gemini clawhub mcporter oracle xurl summarize playwright blogwatcher gifgrep wacli goplaces songsee sag camsnap gogcli ordercli himalaya uv nano-pdf gh tmux ffmpeg cuda ripgrep sqlite whisper sherpa-onnx")]
    public async Task Candies_of_the_catalog_have_a_stable_order_that_keeps_every_requirement(string root, string expected)
    {
        if (Catalog.IsAbsent()) return;
        var project = await Loader.LoadAsync(Catalog.Folder!);
        var resolver = new ReferenceResolver(Machine, Loader);
        var order = await CandyGraph.OrderAsync(
            [project.Candies.Find(root)!], (r, from, token) => resolver.ResolveMemberAsync(project, from, r, cancellationToken: token), new());
        var names = order.Select(c => c.Name).ToList();
        Assert.Equal(expected, string.Join(' ', names));
        Assert.Equal(names.Count, names.Distinct().Count());
        foreach (var candy in order)
        {
            foreach (var required in candy.Require.Concat(candy.Members).Select(r => r.Text).Where(names.Contains))
            {
                Assert.True(names.IndexOf(required) < names.IndexOf(candy.Name), $"{required} before {candy.Name}");
            }
        }
    }

    [Fact]
    public async Task An_unknown_requirement_names_its_place_and_the_nearest_candy()
    {
        Write("charly.yml", "version: 2026.163.0928\n");
        WriteCandy("web", "require: [pyton]");
        WriteCandy("python");
        var project = await LoadAsync();
        var resolver = new ReferenceResolver(Machine, Loader);
        var error = await Assert.ThrowsAnyAsync<CharlyException>(() => CandyGraph.OrderAsync(
            [project.Candies.Find("web")!], (r, from, token) => resolver.ResolveMemberAsync(project, from, r, cancellationToken: token), new()));
        Assert.Equal(Errors.CandyMember, error.Code);
        Assert.Equal("Did you mean \"python\"?", error.Help);
        Assert.Equal("candy/web/charly.yml:4:13", error.Position!.ToString());
    }
}
