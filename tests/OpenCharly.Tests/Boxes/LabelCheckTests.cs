using OpenCharly.Boxes;
using OpenCharly.Checks;
using OpenCharly.Foundation;

namespace OpenCharly.Tests.Boxes;

/// <summary>The label that carries checks, and how they are laid over each other (deploy.md §12).</summary>
public sealed class LabelCheckTests
{
    [Fact]
    public void Each_section_has_its_own_scope_where_a_check_names_none()
    {
        var read = Read("""{"candy":[{"id":"a","file":"/a","from":"one"},{"id":"b","file":"/b","scope":"deploy","from":"two"}],"box":[{"id":"c","file":"/c"}],"deploy":[{"id":"d","port":1}]}""");
        Assert.Equal(["candy one a build", "candy two b deploy", "box notes c build", "deploy notes d deploy"], read.SelectMany(g => g.Checks.Select(c => $"{g.Section} {g.Owner} {c.Id} {c.Scopes.Single()}")));
    }

    [Fact]
    public void The_list_of_an_older_image_counts_as_its_boxs() =>
        Assert.Equal(["box notes a"], Read("""[{"id":"a","file":"/a"}]""").SelectMany(g => g.Checks.Select(c => $"{g.Section} {g.Owner} {c.Id}")));

    [Fact]
    public void A_later_section_replaces_an_id_at_its_place_whatever_its_scope_and_scopes_are_chosen_after_that()
    {
        var suite = CheckSuite.Merge(Read("""{"candy":[{"id":"a","file":"/a"},{"id":"b","file":"/b"},{"id":"x","file":"/x","scope":"deploy"}],"box":[{"id":"a","file":"/box"}],"deploy":[{"id":"b","port":1},{"id":"x","skip":true}]}""")
            .Select(g => new CheckSource(g.Section, g.Owner, g.Checks, [])));
        Assert.Equal(["a box", "b deploy"], suite.Checks.Select(c => $"{c.Check.Id} {c.Section}"));
        Assert.Equal(["a"], suite.OfScope("build").Checks.Select(c => c.Check.Id));
        Assert.Equal(["b"], suite.OfScope("deploy").Checks.Select(c => c.Check.Id));
    }

    [Theory]
    [InlineData("\"text\"")]
    [InlineData("""{"box":[{"id":"a","file":"/a","port":1}]}""")]
    public void A_label_that_holds_no_checks_is_an_error_of_its_image(string label) =>
        Assert.Equal(Errors.ImageMetadata, Assert.Throws<CharlyException>(() => Read(label)).Code);

    private static IReadOnlyList<LabelCheckGroup> Read(string label) => LabelChecks.Read(label, "notes", "localhost/notes:1");
}
