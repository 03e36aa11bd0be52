namespace OpenCharly.Foundation;

/// <summary>Finds the word that the user probably meant.</summary>
public static class Nearest
{
    // No name is that long, and the work grows with the square of it.
    private const int MaxLength = 200;

    private const string Begin = "Did you mean ";

    /// <summary>The candidate within <paramref name="maxDistance"/> edits of <paramref name="word"/>, or null.</summary>
    /// <remarks>A plural finds its singular first; ties go to the candidate that comes first.</remarks>
    public static string? Find(string word, IEnumerable<string> candidates, int maxDistance = 2)
    {
        string? best = null;
        var bestDistance = maxDistance + 1;
        foreach (var candidate in candidates)
        {
            if (word == candidate + "s") return candidate;
            var distance = Distance(word, candidate, bestDistance);
            if (distance < bestDistance)
            {
                best = candidate;
                bestDistance = distance;
            }
        }

        return best is not null && bestDistance < Math.Max(word.Length, best.Length) ? best : null;
    }

    /// <summary>A sentence for a help line: <c>Did you mean "x"?</c>, or <paramref name="otherwise"/>.</summary>
    public static string Suggest(string word, IEnumerable<string> candidates, string otherwise) =>
        Find(word, candidates) is { } found ? $"{Begin}\"{found}\"?" : otherwise;

    /// <summary>Whether a help line is such a sentence, and not the other text.</summary>
    public static bool IsSuggestion(string help) => help.StartsWith(Begin, StringComparison.Ordinal);

    // Optimal string alignment distance: a swap of neighbours counts once.
    private static int Distance(string a, string b, int limit)
    {
        if (Math.Abs(a.Length - b.Length) >= limit || a.Length > MaxLength) return limit;
        int[] before = [], previous = [.. Enumerable.Range(0, b.Length + 1)];
        for (var i = 1; i <= a.Length; i++)
        {
            var row = new int[b.Length + 1];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = a[i - 1] == b[j - 1] ? 0 : 1;
                row[j] = Math.Min(Math.Min(row[j - 1], previous[j]) + 1, previous[j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = Math.Min(row[j], before[j - 2] + 1);
            }

            (before, previous) = (previous, row);
        }

        return previous[^1];
    }
}
