namespace OpenCharly.Tests.Cli;

/// <summary>Edits of candies and boxes from the command line: one change, and every other byte as it was.</summary>
public sealed class EditCommandTests : IDisposable
{
    private const string Candy = """
        # The weather.
        candy:
          name: weather   # as the folder
          version: 2026.150.0900
          description: {feature: Weather}

          package:        # everywhere
            - curl        # to fetch

          # No sections yet.

        """;

    private readonly CommandRun _run = new();

    public EditCommandTests()
    {
        Write("charly.yml", "version: 2026.163.0928\nbox:\n  # The shop.\n  shop:\n    candy: [weather] # first\n");
        Write("candy/weather/charly.yml", Candy);
    }

    public void Dispose() => _run.Dispose();

    [Theory]
    [InlineData("candy set weather version 2026.151.0000", "2026.150.0900", "2026.151.0000")]
    [InlineData("candy set weather description.feature Sunshine", "{feature: Weather}", "\n    feature: Sunshine")]
    [InlineData("candy add-rpm weather wx wx", "", "  distro:\n    fedora:\n      package:\n        - wx\n")]
    [InlineData("candy add-deb weather wx", "", "  distro:\n    debian,ubuntu:\n      package:\n        - wx\n")]
    [InlineData("candy add-pac weather wx", "", "  distro:\n    arch:\n      package:\n        - wx\n")]
    [InlineData("candy add-aur weather wx", "", "  distro:\n    arch:\n      aur:\n        package:\n          - wx\n")]
    public async Task An_edit_keeps_comments_and_order(string line, string gone, string there)
    {
        Assert.Equal(0, await _run.RunAsync(line.Split(' ')));
        Assert.Equal($"{_run.Home}/candy/weather/charly.yml\n", _run.Output);
        var text = Read("candy/weather/charly.yml");
        Assert.Contains(there, text, StringComparison.Ordinal);
        if (gone.Length > 0) Assert.DoesNotContain(gone, text, StringComparison.Ordinal);
        foreach (var comment in new[] { "# The weather.", "# as the folder", "# everywhere", "# to fetch", "# No sections yet." }) Assert.Contains(comment, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_scenario_is_added_once()
    {
        Assert.Equal(0, await _run.RunAsync("candy", "add-scenario", "weather", "it-rains", "it is wet", "it is cold"));
        Assert.Contains("scenario:\n      - name: it-rains\n        step:\n          - then: it is wet\n          - and: it is cold\n", Read("candy/weather/charly.yml"), StringComparison.Ordinal);
        Assert.Equal(2, await _run.RunAsync("candy", "add-scenario", "weather", "it-rains", "x"));
    }

    [Fact]
    public async Task Candies_go_into_a_box_and_out_of_it()
    {
        Assert.Equal(0, await _run.RunAsync("box", "add-candy", "shop", "news", "weather"));
        Assert.Contains("# The shop.", Read("charly.yml"), StringComparison.Ordinal);
        Assert.Contains("weather", Read("charly.yml"), StringComparison.Ordinal);
        Assert.Equal(0, await _run.RunAsync("box", "rm-candy", "shop", "weather"));
        Assert.DoesNotContain("weather", Read("charly.yml"), StringComparison.Ordinal);
        Assert.Contains("news", Read("charly.yml"), StringComparison.Ordinal);
        Assert.Equal(3, await _run.RunAsync("box", "rm-candy", "shop", "neww"));
        Assert.Contains("Did you mean \"news\"?", _run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("candy set weather pakage x", "CND001")]
    [InlineData("candy set weather engine rkt", "CND018")]
    [InlineData("candy set weather name other", "CFG008")]
    [InlineData("candy set weather description..feature x", "usage")]
    [InlineData("candy set waether version 1.1.1", "REF002")]
    [InlineData("candy add-rpm weather -y", "usage")]
    public async Task What_would_not_be_valid_is_refused_and_the_file_stays_as_it_is(string line, string code)
    {
        Assert.NotEqual(0, await _run.RunAsync(line.Split(' ')));
        Assert.StartsWith($"error {code}: ", _run.Error, StringComparison.Ordinal);
        Assert.Equal(Candy, Read("candy/weather/charly.yml"));
    }

    [Fact]
    public async Task An_edit_can_be_looked_at_first()
    {
        Assert.Equal(0, await _run.RunAsync("candy", "set", "weather", "env.UNITS", "metric", "--dry-run"));
        Assert.Contains("UNITS: metric", _run.Output, StringComparison.Ordinal);
        Assert.Equal(Candy, Read("candy/weather/charly.yml"));
    }

    [Fact]
    public async Task The_file_of_a_box_is_printed_and_replaced_only_by_one_that_holds_the_box()
    {
        Write("box/web/charly.yml", "box: {name: web, candy: []} # mine\n");
        Assert.Equal(0, await _run.RunAsync("box", "cat", "web"));
        Assert.Equal("box: {name: web, candy: []} # mine\n", _run.Output);
        using var good = new CommandRun { Input = "box: {name: web, candy: [weather]}\n" };
        Assert.Equal(0, await good.RunAsync("-C", _run.Home, "box", "write", "web"));
        Assert.Equal("box: {name: web, candy: [weather]}\n", Read("box/web/charly.yml"));
        using var bad = new CommandRun { Input = "candy: {name: web}\n" };
        Assert.Equal(2, await bad.RunAsync("-C", _run.Home, "box", "write", "web"));
        Assert.Equal("box: {name: web, candy: [weather]}\n", Read("box/web/charly.yml"));
    }

    private void Write(string path, string text)
    {
        var file = Path.Combine(_run.Home, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }

    private string Read(string path) => File.ReadAllText(Path.Combine(_run.Home, path));
}
