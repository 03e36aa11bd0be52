using System.Text.Json;

namespace OpenCharly.UndoMeasure;

/// <summary>What came of one candy.</summary>
internal sealed record Result
{
    /// <summary>How the reason begins of a candy whose twin was measured.</summary>
    public const string SameSteps = "comes down to the same steps as ";

    public required string Candy { get; init; }

    /// <summary><c>same</c>, <c>differs</c>, <c>failed</c>, <c>left out</c>, or <c>waiting</c> for its turn.</summary>
    public required string Outcome { get; init; }

    /// <summary>Why it was left out or failed.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Kind of machine that it was measured on: <c>guest</c> or <c>container</c>.</summary>
    public string Machine { get; init; } = "guest";

    /// <summary>Packages that came, those along included.</summary>
    public int Packages { get; init; }

    /// <summary>Bytes of these packages as fetched.</summary>
    public long PackageBytes { get; init; }

    /// <summary>Paths that were there while it was applied and not before.</summary>
    public int NewPaths { get; init; }

    /// <summary>Files that were written over while it was applied.</summary>
    public int ChangedPaths { get; init; }

    /// <summary>Steps that ran.</summary>
    public int Steps { get; init; }

    /// <summary>Units that it enabled or placed.</summary>
    public int Units { get; init; }

    /// <summary>What its other steps need, so that they were not part of the measurement.</summary>
    public IReadOnlyList<string> StepsLeftOut { get; init; } = [];

    /// <summary>Tells candies apart that come down to the same steps.</summary>
    public string Key { get; init; } = "";

    public double AddSeconds { get; init; }

    public double RemoveSeconds { get; init; }

    /// <summary>Paths in the photographs.</summary>
    public int Paths { get; init; }

    public IReadOnlyList<string> Difference { get; init; } = [];
}

/// <summary>The results so far, one JSON object a line, so that a run can be ended and taken up again.</summary>
internal sealed class Results
{
    private readonly string _file;
    private readonly Dictionary<string, Result> _byCandy = new(StringComparer.Ordinal);

    public Results(string file)
    {
        _file = file;
        if (!File.Exists(file)) return;
        foreach (var line in File.ReadLines(file).Where(l => l.Length > 0))
        {
            var result = JsonSerializer.Deserialize<Result>(line)!;
            _byCandy[result.Candy] = result;
        }
    }

    /// <summary>The last result of each candy, by name.</summary>
    public IReadOnlyList<Result> All => [.. _byCandy.Values.OrderBy(r => r.Candy, StringComparer.Ordinal)];

    public Result? Of(string candy) => _byCandy.GetValueOrDefault(candy);

    public void Add(Result result)
    {
        _byCandy[result.Candy] = result;
        Directory.CreateDirectory(Path.GetDirectoryName(_file)!);
        File.AppendAllText(_file, JsonSerializer.Serialize(result) + "\n");
    }
}
