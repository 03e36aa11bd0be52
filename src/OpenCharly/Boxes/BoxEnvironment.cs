using OpenCharly.Model;
using OpenCharly.Plans;

namespace OpenCharly.Boxes;

/// <summary>What candies give to the environment and the file system of an image, apart from their steps.</summary>
internal static class BoxEnvironment
{
    /// <summary>Folders that a candy puts in front of PATH: its own, and those of its builders.</summary>
    public static IEnumerable<string> Paths(Candy candy) => candy.PathEntries.Concat(candy.Builders.Select(BuilderCompiler.PathOf).OfType<string>());

    /// <summary>The <c>ENV</c> of candies and box: sorted by name, PATH last.</summary>
    /// <param name="candies">The candies, in order.</param>
    /// <param name="box">The box's own variables, which win.</param>
    /// <param name="home">Home folder of the image's user.</param>
    public static IReadOnlyList<KeyValuePair<string, string>> Of(IReadOnlyList<Candy> candies, IReadOnlyList<KeyValuePair<string, string>> box, string home)
    {
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in candies.SelectMany(c => c.Environment)) all[name] = HomeToken.Expand(value, home);
        foreach (var (name, value) in box) all[name] = HomeToken.Expand(value, home);
        var paths = candies.SelectMany(Paths).Select(p => HomeToken.Expand(p, home)).Distinct().ToList();
        var path = paths.Count == 0 ? [] : new[] { KeyValuePair.Create("PATH", string.Join(':', paths) + ":${PATH}") };
        return [.. all, .. path];
    }

    /// <summary>Where data lies in the image until a volume takes it over.</summary>
    public static string Staging(CandyData data) => string.IsNullOrEmpty(data.Destination) ? $"/data/{data.Volume}/" : $"/data/{data.Volume}/{data.Destination.Trim('/')}/";
}
