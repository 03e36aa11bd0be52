using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using OpenCharly.Foundation;
using OpenCharly.UndoMeasure;

const string Usage =
    "usage: measure-undo [--results FILE] [--catalog FOLDER] [--minutes N] [--limit-mb N] [--again OUTCOME,...] [--document FILE] [CANDY]...";
string[] options = ["--results", "--catalog", "--minutes", "--limit-mb", "--again", "--document"];
if (args.FirstOrDefault(a => a.StartsWith('-') && !options.Contains(a)) is { } unknown)
{
    Console.Error.WriteLine(unknown is "--help" or "-h" ? Usage : $"unknown option {unknown}\n{Usage}");
    return unknown is "--help" or "-h" ? 0 : 2;
}

var results = new Results(Option("--results") ?? Path.Combine(CacheFolder(), "charly", "undo-measure.jsonl"));
var catalog = Path.GetFullPath(Option("--catalog") ?? Path.Combine("..", "shared", "catalog", "candy"));
var minutes = double.Parse(Option("--minutes") ?? "10", CultureInfo.InvariantCulture);
var limit = long.Parse(Option("--limit-mb") ?? "150", CultureInfo.InvariantCulture);
var again = Option("--again")?.Split(',') ?? [];
var document = Option("--document");
if (!Directory.Exists(catalog))
{
    Console.Error.WriteLine($"there is no catalog of candies in {catalog}; name one with --catalog");
    return 2;
}

var named = Words();
string[] candies = named.Count > 0 ? [.. named] : [.. Directory.EnumerateDirectories(catalog).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)];
if (document is not null)
{
    AtomicFile.Write(Path.GetFullPath(document), Document.Render(results.All, limit));
    Console.WriteLine($"{document}: {results.All.Count} candies");
    return results.All.Any(r => r.Outcome is "differs" or "failed") ? 1 : 0;
}

using var stop = new CancellationTokenSource();
using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, c => Cancel(c));
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, c => Cancel(c));
void Cancel(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
}

var clock = Stopwatch.StartNew();
try
{
    return await MeasureAsync();
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    Console.WriteLine("stopped; the next run goes on");
    return 130;
}

async Task<int> MeasureAsync()
{
    await using var machine = Environment.GetEnvironmentVariable("CONTAINER_SSH") is { Length: > 0 } config
        ? await HostMachine.StartAsync(catalog, config, "container", stop.Token)
        : await GuestMachine.StartAsync(catalog, stop.Token);
    Console.WriteLine($"machine ready after {clock.Elapsed.TotalSeconds:0} s");

    // What can be tried, smallest first.
    var tries = new List<(string Candy, Candidate Candidate, long Bytes)>();
    foreach (var candy in candies.Where(Wanted))
    {
        try
        {
            var candidate = Candidate.Of(await machine.PlanAsync(candy, stop.Token));
            var known = results.Of(candy);
            var (bytes, missing) = known is { PackageBytes: > 0 } ? (known.PackageBytes, null) : candidate.Plan.Steps.Count == 0
                ? (0, candidate.LeftOut.Count > 0 ? string.Join("; ", candidate.LeftOut) : "nothing of it applies to a machine")
                : await machine.WeighAsync(candidate.Packages, stop.Token);
            if (Twin(candy, candidate) is { } same) missing = same;
            if (missing is null && bytes > limit << 20) missing = $"{bytes >> 20} MiB of packages, more than the limit of {limit} MiB";
            if (missing is not null)
            {
                Note(new Result { Candy = candy, Outcome = "left out", Reason = missing });
                continue;
            }

            tries.Add((candy, candidate, bytes));
            if (known is null) Note(new Result { Candy = candy, Outcome = "waiting", Key = candidate.Key, PackageBytes = bytes });
        }
        catch (CharlyException e)
        {
            Note(new Result { Candy = candy, Outcome = "left out", Reason = e.Message });
        }
    }

    Console.WriteLine($"{tries.Count} candies to try, after {clock.Elapsed.TotalSeconds:0} s");
    var before = await machine.PhotographAsync(stop.Token);
    Console.WriteLine($"photograph of {before.Count} paths, after {clock.Elapsed.TotalSeconds:0} s");
    foreach (var (candy, candidate, bytes) in tries.OrderBy(t => t.Bytes))
    {
        if (clock.Elapsed.TotalMinutes > minutes)
        {
            Console.WriteLine("the time is over; the next run goes on");
            return 0;
        }

        if (Twin(candy, candidate) is { } same)
        {
            Note(new Result { Candy = candy, Outcome = "left out", Reason = same });
            continue;
        }

        (var result, before) = await Measurement.RunAsync(machine, candy, candidate, bytes, before, stop.Token);
        Note(result);
        foreach (var line in result.Difference) Console.WriteLine("    " + line);
    }

    Console.WriteLine("all done");
    return 0;
}

string? Twin(string candy, Candidate candidate) => candidate.Plan.Steps.Count > 0
    && results.All.FirstOrDefault(r => r.Candy != candy && r.Key == candidate.Key && r.Outcome is ("same" or "differs" or "failed")) is { } twin
    ? $"{Result.SameSteps}{twin.Candy}" + (candidate.LeftOut.Count > 0 ? "; beyond them: " + string.Join("; ", candidate.LeftOut) : "")
    : null;

bool Wanted(string candy) => named.Count > 0 || results.Of(candy) is not { } done || done.Outcome == "waiting" || again.Contains(done.Outcome);

void Note(Result result)
{
    results.Add(result);
    Console.WriteLine($"{clock.Elapsed.TotalSeconds,5:0} {result.Candy,-28} {result.Outcome} {result.Reason} packages {result.Packages} paths {result.NewPaths} add {result.AddSeconds:0.0} del {result.RemoveSeconds:0.0} difference {result.Difference.Count}");
}

string? Option(string name)
{
    var at = Array.IndexOf(args, name);
    return at >= 0 && at + 1 < args.Length ? args[at + 1] : null;
}

List<string> Words()
{
    var words = new List<string>();
    for (var i = 0; i < args.Length; i++)
    {
        if (args[i].StartsWith("--", StringComparison.Ordinal)) i++;
        else words.Add(args[i]);
    }

    return words;
}

static string CacheFolder() => Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache
    ? cache
    : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
