using OpenCharly.Checks;

namespace OpenCharly.Tests.Checks;

public sealed class SuiteTests
{
    [Fact]
    public void A_later_check_of_the_same_id_replaces_the_earlier_one_at_its_place()
    {
        var suite = CheckSuite.Merge(
        [
            Source("candy", "a", "- {id: one, file: /a}\n- {id: two, file: /b}"),
            Source("local", "t", "- {id: one, file: /c}\n- {id: three, file: /d}"),
        ]);
        Assert.Equal(["/c", "/b", "/d"], suite.Checks.Select(c => c.Check.Subject));
        Assert.Equal(["local", "candy", "local"], suite.Checks.Select(c => c.Section));
    }

    [Fact]
    public void Skip_switches_a_check_off_and_a_later_source_on_again()
    {
        var off = Source("box", "b", "- {id: one, skip: true}");
        var candy = Source("candy", "a", "- {id: one, file: /a}\n- {file: /unnamed}");
        Assert.Equal(["/unnamed"], CheckSuite.Merge([candy, off]).Checks.Select(c => c.Check.Subject));
        var on = Source("deploy", "d", "- {id: one, file: /z}");
        Assert.Equal(["/z", "/unnamed"], CheckSuite.Merge([candy, off, on]).Checks.Select(c => c.Check.Subject));
    }

    [Fact]
    public void Checks_are_selected_by_word_section_and_scope()
    {
        var suite = CheckSuite.Merge(
        [
            Source("candy", "ripgrep", "- {id: rg-binary, file: /usr/bin/rg, scope: build}"),
            Source("deploy", "vm:web", "- {id: answers, http: 'http://127.0.0.1/'}"),
        ]);
        Assert.Equal(["rg-binary"], Ids(new CheckSelection { Filter = ["ripgrep"] }));
        Assert.Equal(["rg-binary"], Ids(new CheckSelection { Filter = ["rg-*"] }));
        Assert.Equal(["answers"], Ids(new CheckSelection { Sections = ["deploy"] }));
        Assert.Equal(["answers"], Ids(new CheckSelection { Scopes = ["deploy"] }));
        Assert.Equal(["rg-binary", "answers"], Ids(new CheckSelection()));

        IEnumerable<string> Ids(CheckSelection selection) => CheckSchedule.Of(suite, selection).Select(t => t.Id);
    }

    [Fact]
    public void Checks_without_an_id_get_one_that_names_their_candy()
    {
        var suite = CheckSuite.Merge([Source("candy", "web", "- {file: /a}\n- {file: /b}\n- {command: c}")]);
        Assert.Equal(["web.file.1", "web.file.2", "web.command.1"], CheckSchedule.Of(suite, new CheckSelection()).Select(t => t.Id));
    }

    [Fact]
    public void A_wanted_scenario_brings_those_that_it_depends_on_and_comes_after_them()
    {
        var scenarios = CheckLab.ParseScenarios("""
            - {name: last, depends_on: [middle], step: [{then: x}]}
            - {name: middle, depends_on: [first], step: [{then: x}]}
            - {name: other, step: [{then: x}]}
            - {name: first, step: [{then: x}]}
            """);
        var suite = CheckSuite.Merge([new CheckSource("candy", "a", [], scenarios)]);
        Assert.Equal(["first#1", "middle#1", "last#1"], CheckSchedule.Of(suite, new CheckSelection { Filter = ["last"] }).Select(t => t.Id));
    }

    private static CheckSource Source(string section, string owner, string yaml) => new(section, owner, CheckLab.Parse(yaml), []);
}
