using OpenCharly.Foundation;
using OpenCharly.Tests.Vms.Images;

namespace OpenCharly.Tests.Foundation;

public sealed class FileLockTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Lock => _folder.File("it.lock");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_second_one_waits_for_the_first_and_is_told_of_it()
    {
        var first = await FileLock.AcquireAsync(Lock);
        var second = FileLock.AcquireAsync(Lock);
        Assert.False(second.IsCompleted);
        Assert.StartsWith($"process {Environment.ProcessId} ", File.ReadAllText(Lock + ".owner"), StringComparison.Ordinal);
        first.Dispose();
        (await second).Dispose();
    }

    [Fact]
    public async Task A_file_that_can_never_be_opened_is_an_error_and_no_reason_to_wait()
    {
        // A link to itself fails as a read-only file system does: with an error that has no class of its own.
        File.CreateSymbolicLink(Lock, Lock);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await Assert.ThrowsAnyAsync<IOException>(() => FileLock.AcquireAsync(Lock, cancellationToken: limit.Token));
    }

    [Fact]
    public async Task The_owners_name_is_not_worth_failing_for()
    {
        // Where the name should be written is a folder, as it might be a disk that is full.
        Directory.CreateDirectory(Path.Combine(Lock + ".owner", "x"));
        using (await FileLock.AcquireAsync(Lock)) Assert.True(Directory.Exists(Lock + ".owner"));
    }
}
