using OpenCharly.Model;
using OpenCharly.Plans;

namespace OpenCharly.Tests.Plans;

public sealed class PackageCascadeTests : IDisposable
{
    private readonly SampleCandies _candies = new();

    [Fact]
    public void Packages_are_the_union_from_least_to_most_specific_and_doubles_keep_their_first_place()
    {
        var resolved = PackageCascade.Resolve(_candies.Weather(), ["debian:13", "debian", "deb"]);
        Assert.Equal(["curl", "jq", "wx-cli", "wx-extra"], resolved.Packages);
        Assert.Equal(["deb", "debian", "debian:13"], resolved.MatchedTags);
        Assert.Equal("wx", Assert.Single(resolved.Repositories).Name);
    }

    [Fact]
    public void Ubuntu_takes_the_sections_of_its_format_but_not_those_of_debian()
    {
        var resolved = PackageCascade.Resolve(_candies.Weather(), ["ubuntu:24.04", "ubuntu", "deb"]);
        Assert.Equal(["curl", "jq"], resolved.Packages);
        Assert.Empty(resolved.Repositories);
    }

    [Fact]
    public void Of_everything_but_packages_the_most_specific_section_that_says_it_wins_as_a_whole()
    {
        var candy = _candies.New("c") with
        {
            Sections =
            [
                new PackageSection { Tag = "deb", Options = ["-a", "-b"], Exclude = ["x"] },
                new PackageSection { Tag = "debian", Options = [] },
            ],
        };
        var resolved = PackageCascade.Resolve(candy, ["debian", "deb"]);
        Assert.Empty(resolved.Options);
        Assert.Equal(["x"], resolved.Exclude);
    }

    [Fact]
    public void Nothing_matches_a_foreign_chain()
    {
        var resolved = PackageCascade.Resolve(_candies.Mirrors(), ["alpine"]);
        Assert.Empty(resolved.MatchedTags);
        Assert.Empty(resolved.Packages);
        Assert.Null(resolved.Aur);
    }

    public void Dispose() => _candies.Dispose();
}
