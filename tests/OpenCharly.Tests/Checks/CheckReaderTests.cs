using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Tests.Model;

namespace OpenCharly.Tests.Checks;

public sealed class CheckReaderTests
{
    [Fact]
    public void Every_check_of_the_catalog_is_read_as_the_kind_of_its_verb()
    {
        if (Catalog.IsAbsent()) return;
        var candies = Candies();
        var counts = candies.SelectMany(c => c.Checks).CountBy(c => c.Verb).ToDictionary();
        Assert.Equal(
            new Dictionary<string, int>
            {
                ["file"] = 281, ["command"] = 164, ["package"] = 76, ["appium"] = 47, ["adb"] = 26, ["service"] = 25, ["addr"] = 16, ["http"] = 12,
                ["wl"] = 5, ["k8s"] = 5, ["mcp"] = 4, ["port"] = 2,
            },
            counts);
        Assert.DoesNotContain(candies.SelectMany(c => c.Checks), c => c.Id is null);
    }

    [Fact]
    public void Every_scenario_of_the_catalog_is_read_with_its_steps()
    {
        if (Catalog.IsAbsent()) return;
        var scenarios = Candies().SelectMany(c => c.Description!.Scenarios).ToArray();
        Assert.Equal(335, scenarios.Length);
        var steps = scenarios.SelectMany(s => s.Steps).ToArray();
        Assert.Equal(560, steps.Length);
        Assert.Equal(47, steps.Count(s => s.Check is null));
        Assert.Equal(289, steps.Count(s => s.Check is FileCheck));
        Assert.Equal(143, steps.Count(s => s.Check is CommandCheck));
    }

    [Fact]
    public void The_attributes_of_each_verb_are_read()
    {
        var checks = CheckLab.Parse("""
            - {file: /etc/x, mode: "0644", owner: root, group_of: adm, filetype: file, contains: [a, {matches: 'b+'}], sha256: AA00000000000000000000000000000000000000000000000000000000000000}
            - {command: id, exit_code: [0, 1], stdout: {contains: uid}, stderr: "", in_container: false, timeout: 1m30s, background: yes}
            - {package: golang, package_map: {fedora-43: golang-bin}, version: ["1.2"]}
            - {service: sshd, enabled: true}
            - {port: 53/udp, ip: 127.0.0.1}
            - {http: "http://example.org/", method: head, header: {Server: {matches: nginx}}, body: [{contains: ok}]}
            - {port: "${HOST_PORT:80}", listening: true}
            """);
        var file = (FileCheck)checks[0];
        Assert.Equal(("0644", "root", "adm", "file"), (file.Mode, file.Owner, file.Group, file.FileType));
        Assert.Equal(2, ((AllMatcher)file.Contains!).Items.Count);
        var command = (CommandCheck)checks[1];
        Assert.Equal([0, 1], command.ExitStatus);
        Assert.Equal(TimeSpan.FromSeconds(90), command.Timeout);
        Assert.True(command is { IsBackground: true, InContainer: false });
        Assert.Equal("golang-bin", ((PackageCheck)checks[2]).Names["fedora-43"]);
        Assert.True(checks[3] is ServiceCheck { Running: null, Enabled: true });
        Assert.True(checks[4] is PortCheck { Port: 53, IsUdp: true, Listening: true });
        Assert.True(checks[5] is HttpCheck { Method: "HEAD", Status: [] });
        Assert.True(checks[6] is PortCheck { Port: 0 });
    }

    [Fact]
    public void A_check_without_expectations_expects_what_its_verb_is_about()
    {
        var checks = CheckLab.Parse("""
            - service: sshd
            - http: http://example.org/
            - port: 22
            - file: /etc/passwd
            """);
        Assert.True(checks[0] is ServiceCheck { Running: true, Enabled: null });
        Assert.Equal([200], ((HttpCheck)checks[1]).Status);
        Assert.True(checks[2] is PortCheck { Listening: true, Reachable: null });
        Assert.True(checks[3] is FileCheck { Exists: true });
    }

    [Theory]
    [InlineData("- {id: a}", "no verb")]
    [InlineData("- {file: /a, command: b}", "several verbs: file, command")]
    [InlineData("- {comand: ls}", "no verb")]
    [InlineData("- {file: /a, contains: {near: x}}", "unknown operator \"near\"")]
    [InlineData("- {command: a, stdout: {contains: x, equals: y}}", "exactly one operator")]
    [InlineData("- {command: a, stdout: {matches: '(?=x)'}}", "no regular expression")]
    [InlineData("- {command: a, stdout: {gt: many}}", "compares numbers")]
    [InlineData("- {id: a, file: /a}\n- {id: a, file: /b}", "used twice")]
    [InlineData("- {http: 'http://127.0.0.1:${HOST_PORT:80}/'}", "known only at run time")]
    [InlineData("- {file: /a, timeout: soon}", "\"timeout\" is \"soon\"")]
    [InlineData("- {file: relative/path}", "\"file\" is \"relative/path\"")]
    [InlineData("- {file: /a, mode: rwx}", "\"mode\" is \"rwx\"")]
    [InlineData("- {port: 70000}", "\"port\" is \"70000\"")]
    [InlineData("- {addr: nowhere}", "\"addr\" is \"nowhere\"")]
    [InlineData("- {http: ftp://example.org}", "\"http\" is")]
    [InlineData("- {file: /a, scope: never}", "holds \"never\"")]
    [InlineData("- {user: -rf}", "can't name")]
    [InlineData("- just a text", "must be a mapping")]
    public void A_malformed_check_is_an_error_at_its_place(string yaml, string message)
    {
        var problem = Assert.Single(CheckLab.ProblemsOf(yaml), p => !p.IsWarning);
        Assert.Equal(Errors.CheckForm, problem.Code);
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
        Assert.True(problem.Position!.Line >= 2);
    }

    [Fact]
    public void A_misspelt_verb_or_attribute_gets_a_suggestion()
    {
        Assert.Equal("Did you mean \"command\"?", Assert.Single(CheckLab.ProblemsOf("- {comand: ls}")).Help);
        var attribute = Assert.Single(CheckLab.ProblemsOf("- {file: /a, exist: true}"));
        Assert.True(attribute is { IsWarning: true, Help: "Did you mean \"exists\"?" });
    }

    [Fact]
    public void Instruments_keep_all_their_attributes()
    {
        var check = (InstrumentCheck)Assert.Single(CheckLab.Parse("- {adb: install, apk: /tmp/x.apk, package: org.example, port: 5555, stdout: [{contains: Success}]}"));
        Assert.Equal(("adb", "install"), (check.Verb, check.Subject));
        Assert.NotNull(check.Source["package"]);
    }

    [Fact]
    public void A_scenario_with_examples_becomes_one_a_row()
    {
        var scenarios = CheckLab.ParseScenarios("""
            - name: tools answer
              example: [{tool: rg, code: 0}, {tool: tmux, code: 1}]
              step:
                - {then: <tool> answers, command: <tool> --version, exit_status: <code>}
            """);
        Assert.Equal(["tools answer (tool=rg, code=0)", "tools answer (tool=tmux, code=1)"], scenarios.Select(s => s.Name));
        Assert.Equal("rg answers", scenarios[0].Steps[0].Text);
        Assert.True(scenarios[1].Steps[0].Check is CommandCheck { Command: "tmux --version", ExitStatus: [1] });
    }

    [Theory]
    [InlineData("- {name: a, step: [{than: x}]}", "exactly one of given")]
    [InlineData("- {name: a, step: [{given: x, then: y}]}", "exactly one of given")]
    [InlineData("- {name: a, step: [{then: x, exits: true}]}", "\"exits\" is not known")]
    [InlineData("- {name: a, steps: []}", "\"steps\" is not known")]
    [InlineData("- {name: a, setup: [[x]]}", "\"setup\" holds")]
    [InlineData("- {name: a, example: x, step: []}", "\"example\" holds")]
    public void A_malformed_scenario_is_an_error(string yaml, string message) =>
        Assert.Contains(message, Assert.Single(CheckLab.ProblemsOf(yaml, "scenario")).Message, StringComparison.Ordinal);

    private static List<Candy> Candies()
    {
        var candies = new List<Candy>();
        foreach (var manifest in Catalog.Manifests)
        {
            var problems = new List<Problem>();
            candies.Add(CandyReader.ReadFile(manifest, new CandyOrigin(Catalog.Folder!), problems)!);
            Assert.DoesNotContain(problems, p => p.Code == Errors.CheckForm || (p.Code == Errors.CfgUnknownKey && p.Message.Contains(" eval[", StringComparison.Ordinal)));
        }

        return candies;
    }
}
